package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.AckLevel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a full DRAM without a tier below takes in. */
class ChainAdmissionTest {
  private static final int ROOM = 12;

  @Test
  void aChainThatIsTooLongKeepsItsBeginning() {
    try (EngineFixture one = new EngineFixture(ROOM, 8, false)) {
      for (int block = 1; block <= 2 * ROOM; block++) {
        assertThat(one.write(block, block - 1, AckLevel.MEMORY))
            .isInstanceOf(WriteOutcome.Stored.class);
      }
      assertThat(one.engine.counters().notAdmitted.sum()).isEqualTo(ROOM);
      assertThat(one.engine.counters().memoryEvictions.sum()).isZero();
      LookupOutcome found = one.lookup(1, 2 * ROOM);
      assertThat(found.blocks()).hasSize(ROOM);
      assertThat(found.stop().orElseThrow().reason()).isEqualTo(LookupOutcome.StopReason.EVICTED);
      assertThat(one.strayLeases()).isZero();
    }
  }

  @Test
  void whatWentMayComeBackOnceALookupHasMissedIt() {
    try (EngineFixture one = new EngineFixture(ROOM, 8, false)) {
      writeInOrder(one, 1, ROOM);
      writeInOrder(one, 101, 6);
      assertThat(one.lookup(1, ROOM).blocks()).hasSize(6);
      // The block that was missed arrives after the one that follows it.
      one.write(8, 7, AckLevel.MEMORY);
      one.write(7, 6, AckLevel.MEMORY);
      assertThat(one.engine.counters().notAdmitted.sum()).isZero();
      assertThat(one.lookup(1, ROOM).blocks()).hasSize(8);
    }
  }

  @Test
  void aLateParentTakesThePlaceOfWhatFollowsIt() {
    try (EngineFixture one = new EngineFixture(ROOM, 8, false)) {
      writeInOrder(one, 101, ROOM);
      writeInOrder(one, 1, ROOM - 2);
      one.write(ROOM + 1, ROOM, AckLevel.MEMORY);
      one.write(ROOM, ROOM - 1, AckLevel.MEMORY);
      one.write(ROOM - 1, ROOM - 2, AckLevel.MEMORY);
      assertThat(one.engine.counters().notAdmitted.sum()).isZero();
      assertThat(one.lookup(1, ROOM + 1).blocks()).hasSize(ROOM);
    }
  }

  @Test
  void whereATierLiesBelowNothingIsKeptOut() {
    try (EngineFixture one = new EngineFixture(ROOM, 100, true)) {
      for (int block = 1; block <= 4 * ROOM; block++) {
        one.write(block, block - 1, AckLevel.SHARED);
      }
      assertThat(one.engine.counters().notAdmitted.sum()).isZero();
      assertThat(one.lookup(1, 4 * ROOM).blocks()).hasSize(4 * ROOM);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void inWhateverOrderWritesArrive(long seed) {
    try (Replay replay = new Replay(seed)) {
      replay.run();
      assertThat(replay.one.engine.counters().notAdmitted.sum()).isPositive();
      assertThat(replay.one.strayLeases()).isZero();
    }
  }

  @Test
  void theSameSeedKeepsTheSameBlocks() {
    try (Replay first = new Replay(9);
        Replay second = new Replay(9)) {
      assertThat(first.run()).isEqualTo(second.run());
    }
  }

  private static void writeInOrder(EngineFixture one, int first, int blocks) {
    for (int i = 0; i < blocks; i++) {
      one.write(first + i, i == 0 ? 0 : first + i - 1, AckLevel.MEMORY);
    }
  }

  /** Prompts over a few chains, their missing blocks written in random order. */
  private static final class Replay implements AutoCloseable {
    private static final int CHAINS = 5;
    private static final int LENGTH = 2 * ROOM;
    private static final int PROMPTS = 200;

    private final EngineFixture one = new EngineFixture(ROOM, 8, false);
    private final long seed;
    private final Random random;

    /** Evicted or not admitted since a lookup missed. */
    private final Set<Integer> gone = new HashSet<>();

    Replay(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
    }

    /** What was there after each write. */
    List<Set<Integer>> run() {
      List<Set<Integer>> states = new ArrayList<>();
      for (int prompt = 0; prompt < PROMPTS; prompt++) {
        int first = 1 + LENGTH * random.nextInt(CHAINS);
        int blocks = 1 + random.nextInt(LENGTH);
        int found = one.lookup(first, blocks).blocks().size();
        if (found < blocks) {
          gone.clear();
        }
        List<Integer> missing = new ArrayList<>();
        for (int block = first + found; block < first + blocks; block++) {
          missing.add(block);
        }
        shuffleWithin(missing, 1 + random.nextInt(8));
        for (int block : missing) {
          write(block);
          states.add(present());
        }
      }
      return states;
    }

    private void shuffleWithin(List<Integer> blocks, int window) {
      for (int from = 0; from < blocks.size(); from += window) {
        Collections.shuffle(blocks.subList(from, Math.min(blocks.size(), from + window)), random);
      }
    }

    private void write(int block) {
      Set<Integer> before = present();
      if (before.contains(block)) {
        return;
      }
      long keptOut = one.engine.counters().notAdmitted.sum();
      one.write(block, parent(block), AckLevel.MEMORY);
      Set<Integer> after = present();
      String when = "seed %d: %d into %s".formatted(seed, block, before);
      if (one.engine.counters().notAdmitted.sum() > keptOut) {
        int gap = block;
        do {
          gap = parent(gap);
        } while (before.contains(gap));
        assertThat(after).as(when).isEqualTo(before);
        boolean forItsParent = before.contains(parent(block)) && !before.contains(block + 1);
        assertThat(gone.contains(gap) || forItsParent)
            .as("%s: kept out, as %d is not here; gone: %s", when, gap, gone)
            .isTrue();
        gone.add(block);
        return;
      }
      assertThat(after).as(when).contains(block).hasSizeGreaterThanOrEqualTo(before.size());
      gone.remove(block);
      for (int other : before) {
        if (!after.contains(other)) {
          assertThat(parentsOf(after)).as("%s: %d went", when, other).doesNotContain(other);
          gone.add(other);
        }
      }
    }

    private static Set<Integer> parentsOf(Set<Integer> blocks) {
      Set<Integer> parents = new HashSet<>();
      blocks.forEach(block -> parents.add(parent(block)));
      return parents;
    }

    private Set<Integer> present() {
      Set<Integer> present = new HashSet<>();
      for (int block = 1; block <= CHAINS * LENGTH; block++) {
        if (one.engine.holds(EngineFixture.NAMESPACE, EngineFixture.key(block))) {
          present.add(block);
        }
      }
      return present;
    }

    private static int parent(int block) {
      return block % LENGTH == 1 ? 0 : block - 1;
    }

    @Override
    public void close() {
      one.close();
    }
  }
}
