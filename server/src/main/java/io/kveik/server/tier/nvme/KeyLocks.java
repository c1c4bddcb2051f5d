package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockKey;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks that order what is written of one key: put, removal and copy of a block each hold its key's
 * lock from the look at the index to the change of it, over the writing in between. So the order of
 * a key's records in the log is the order of what became of it. Other keys rarely share a lock.
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
    return stripes[(int) key.w0() & (STRIPES - 1)];
  }
}
