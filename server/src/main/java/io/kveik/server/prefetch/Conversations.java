package io.kveik.server.prefetch;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.runtime.Scheduler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Conversations by namespace and the engine's id, a bounded number of them: one more makes the
 * server forget the one that was longest without a turn. At most 2 KiB each.
 *
 * <p>Any thread; O(1).
 */
final class Conversations {
  /** One conversation; only ever the same name within its own namespace. */
  private record Name(Fingerprint namespace, ContinueId id) {}

  /**
   * What is remembered of a conversation.
   *
   * @param end why its last turn ended
   * @param planned what brings its blocks back ahead of its next turn
   */
  record Conversation(Trail trail, TurnEnd end, Scheduler.@Nullable Timer planned) {
    private static final Conversation NEW = new Conversation(Trail.EMPTY, TurnEnd.UNKNOWN, null);

    void cancelPlan() {
      if (planned != null) {
        planned.cancel();
      }
    }
  }

  private final int limit;
  private final Map<Name, Conversation> byName;

  /**
   * @param limit conversations to remember
   */
  Conversations(int limit) {
    this.limit = limit;
    this.byName = new LinkedHashMap<>(16, 0.75f, true);
  }

  /** What is known of the conversation; counts as a turn of it. */
  synchronized Optional<Conversation> recall(Fingerprint namespace, ContinueId id) {
    return Optional.ofNullable(byName.get(new Name(namespace, id)));
  }

  /** Puts something else in the place of what is known, whose plan is cancelled. */
  synchronized void update(
      Fingerprint namespace, ContinueId id, UnaryOperator<Conversation> change) {
    Name name = new Name(namespace, id);
    Conversation before = byName.getOrDefault(name, Conversation.NEW);
    Conversation after = change.apply(before);
    before.cancelPlan();
    byName.put(name, after);
    if (byName.size() > limit) {
      var oldest = byName.entrySet().iterator();
      oldest.next().getValue().cancelPlan();
      oldest.remove();
    }
  }

  synchronized int size() {
    return byName.size();
  }
}
