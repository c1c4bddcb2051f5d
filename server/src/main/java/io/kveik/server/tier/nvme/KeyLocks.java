package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockKey;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks that order what is written of one key: put, removal and copy of a block each hold its key's
 * lock from the look at the index to the change of it, over the writing in between. So the order of
 * a key's records in the log is the order of what became of it. Other keys rarely share a lock.
 *
 * <p>Several keys are locked in the order of their locks, so that two holders of many never wait
 * for each other in a circle; whoever holds one must not ask for another.
 */
final class KeyLocks {
  private static final int STRIPES = 1_024;

  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

  KeyLocks() {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new ReentrantLock();
    }
  }

  ReentrantLock of(BlockKey key) {
    return stripes[stripe(key)];
  }

  /** Locks over several keys; closed by the thread that took them. */
  record Held(List<ReentrantLock> locks) implements AutoCloseable {
    @Override
    public void close() {
      locks.forEach(ReentrantLock::unlock);
    }
  }

  /** Waits for the locks over several keys. O(keys log keys). */
  Held hold(Collection<BlockKey> keys) {
    List<ReentrantLock> order =
        keys.stream()
            .mapToInt(KeyLocks::stripe)
            .distinct()
            .sorted()
            .mapToObj(stripe -> stripes[stripe])
            .toList();
    order.forEach(ReentrantLock::lock);
    return new Held(order);
  }

  private static int stripe(BlockKey key) {
    return (int) key.w0() & (STRIPES - 1);
  }
}
