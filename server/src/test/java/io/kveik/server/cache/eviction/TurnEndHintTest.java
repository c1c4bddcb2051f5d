package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.TurnEnd;
import io.kveik.server.memory.RecordMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the default makes of why turns ended: only what it has seen of it. */
class TurnEndHintTest {
  private static final int ROOM = 8;
  private static final int REQUESTS = 4_000;

  @Test
  void evictsThoseFirstThatWereToldOfWhatNeverComesBack() {
    assertThat(victimsOf(TurnEnd.TOOL_USE, TurnEnd.END_TURN)).containsOnly(TurnEnd.END_TURN);
  }

  /** Nothing about a reason is built in: turned round, the hints say the opposite. */
  @Test
  void learnsTheOppositeFromClientsThatTellTheOpposite() {
    assertThat(victimsOf(TurnEnd.END_TURN, TurnEnd.TOOL_USE)).containsOnly(TurnEnd.TOOL_USE);
  }

  @ParameterizedTest
  @EnumSource(names = {"UNKNOWN", "MAX_TOKENS", "STOP_SEQUENCE", "CANCELLED"})
  void reasonsThatSayNothingAreNoHint(TurnEnd end) {
    assertThat(ReuseClass.hinted(7, end)).isEqualTo(7);
    int told = ReuseClass.hinted(7, TurnEnd.TOOL_USE);
    assertThat(told).isNotEqualTo(7);
    assertThat(ReuseClass.hinted(told, end)).isEqualTo(7);
  }

  /** A hint is about the last use: the next one begins without. */
  @Test
  void useForgetsTheHint() {
    int told = ReuseClass.hinted(ReuseClass.FIRST_USE, TurnEnd.END_TURN);
    assertThat(ReuseClass.next(told, 3)).isEqualTo(ReuseClass.next(ReuseClass.FIRST_USE, 3));
  }

  /**
   * In a tier of eight blocks the even ones come back every sixth request, the odd ones are new
   * each time; so those that go first must be the new ones.
   *
   * @return what was told of the last victims, when both kinds had been learnt
   */
  private static List<TurnEnd> victimsOf(TurnEnd returning, TurnEnd leaving) {
    try (RecordMemory memory = RecordMemory.open()) {
      EvictionPolicy policy = PolicyKind.DEFAULT.apply(memory);
      Map<Integer, Long> cached = new HashMap<>();
      Deque<Integer> free = new ArrayDeque<>(IntStream.rangeClosed(1, ROOM).boxed().toList());
      List<TurnEnd> victims = new ArrayList<>();
      BlockTraits traits = new BlockTraits();
      for (int request = 0; request < REQUESTS; request++) {
        policy.requested();
        for (long block : new long[] {-1 - request % 6, request}) {
          TurnEnd end = block < 0 ? returning : leaving;
          Optional<Integer> known =
              cached.entrySet().stream()
                  .filter(entry -> entry.getValue() == block)
                  .map(Map.Entry::getKey)
                  .findFirst();
          if (known.isPresent()) {
            policy.touched(known.get());
            policy.hinted(known.get(), end);
            continue;
          }
          if (free.isEmpty()) {
            int victim = policy.victim();
            long gone = Objects.requireNonNull(cached.remove(victim));
            victims.add(gone < 0 ? returning : leaving);
            policy.evicted(victim, identity(gone));
            free.add(victim);
          }
          int id = free.remove();
          cached.put(id, block);
          traits.identity = identity(block);
          policy.inserted(id, traits);
          policy.hinted(id, end);
        }
      }
      return victims.subList(victims.size() - 100, victims.size());
    }
  }

  private static long identity(long block) {
    return (block + REQUESTS) * 0x9E3779B97F4A7C15L;
  }
}
