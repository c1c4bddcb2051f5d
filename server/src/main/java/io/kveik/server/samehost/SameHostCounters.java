package io.kveik.server.samehost;

import java.util.concurrent.atomic.LongAdder;

/** What has happened in shared memory since the start. Any thread. */
public final class SameHostCounters {
  /** Leases there are now. */
  public final LongAdder live = new LongAdder();

  /** Lent without a copy. */
  public final LongAdder lentInPlace = new LongAdder();

  /** Lent after one copy into shared memory. */
  public final LongAdder lentCopied = new LongAdder();

  /** Not lent: shared memory was full of leased blocks, or the block too large. */
  public final LongAdder noRoom = new LongAdder();

  /** Not lent: the connection had as many leases as it may have. */
  public final LongAdder tooManyLeases = new LongAdder();

  /** Leases that a client did not give back in time. */
  public final LongAdder revoked = new LongAdder();
}
