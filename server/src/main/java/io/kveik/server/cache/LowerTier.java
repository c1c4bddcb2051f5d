package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SelfEvictingTier;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A tier below DRAM as the engine keeps it: the tier, its place in the stack, its health and its
 * bound. Puts and removals of one key exclude each other, so that the index never names a file that
 * a removal is about to delete. A tier that makes room by itself may do so beside a put of the very
 * block that leaves: the index then names it until the next read finds it absent. Called on storage
 * threads.
 */
final class LowerTier {
  private static final int STRIPES = 64;
  private static final String NO_INDEX_MEMORY = "the system refuses memory for the index";

  final Tier tier;
  final int ordinal;
  final AckLevel level;
  final TierHealth health;
  final Admission admission;
  final BackgroundPace pace;

  /** Reads that it answered. */
  final LongAdder hits = new LongAdder();

  /** Payload and attributes of the blocks that it took. */
  final LongAdder takenBytes = new LongAdder();

  final LongAdder evictions = new LongAdder();
  private final BlockIndex index;
  private final long capacityBytes;
  private final @Nullable SharedTier shared;
  private final Object[] keyLocks = new Object[STRIPES];

  /** True once the index knows every block the tier held at start: what it lacks is not there. */
  private volatile boolean listed;

  LowerTier(
      Tier tier,
      int ordinal,
      AckLevel level,
      long capacityBytes,
      BlockIndex index,
      TierHealth health,
      Admission admission,
      BackgroundPace pace) {
    this.tier = tier;
    this.shared = tier instanceof SharedTier other ? other : null;
    this.ordinal = ordinal;
    this.level = level;
    this.capacityBytes = capacityBytes;
    this.index = index;
    this.health = health;
    this.admission = admission;
    this.pace = pace;
    for (int i = 0; i < STRIPES; i++) {
      keyLocks[i] = new Object();
    }
    if (tier instanceof SelfEvictingTier itself) {
      itself.retainBy(new Uses());
    }
  }

  /** What a self-evicting tier asks: whether a lookup has found the block since it asked last. */
  private final class Uses implements SelfEvictingTier.Retention {
    @Override
    public boolean keep(BlockRef block) {
      return index.takeTouched(block.key(), ordinal);
    }

    @Override
    public void evicted(BlockRef block) {
      if (index.leave(block.key(), ordinal, Departure.EVICTED)) {
        evictions.increment();
      }
    }

    @Override
    public void corrupt(BlockRef block) {
      index.leave(block.key(), ordinal, Departure.CORRUPT);
    }
  }

  /** Never for a shared tier: others write to it all the time. */
  boolean listed() {
    return listed;
  }

  /** Whether {@link #list} is yet to be called with success. */
  boolean awaitsListing() {
    return shared == null && !listed;
  }

  /** Whether asking for a block that the index lacks is worth it, the tier being unlisted. */
  boolean mayHold(BlockRef block) {
    return shared == null || shared.mayHold(block);
  }

  /** False: don't ask the tier now. True may also mean: this call is the trial. */
  boolean admits(Fingerprint namespace) {
    return health.admits() && (shared == null || shared.reachable(namespace));
  }

  /** Whether a block that the index has in this tier can be had now. */
  boolean reachable(Fingerprint namespace) {
    return !health.down() && (shared == null || shared.reachable(namespace));
  }

  /**
   * Brings the index up to what the tier holds; blocks for as long as the tier takes to list.
   *
   * @return blocks found
   */
  long list(long nowWallMillis) {
    LongAdder found = new LongAdder();
    LongAdder unnoted = new LongAdder();
    boolean scanned =
        tier.scan(header -> {
          if (header.expiredAt(nowWallMillis)) {
            drop(header.ref(), Departure.EXPIRED);
          } else if (index.inTier(header.key(), ordinal)) {
            return;
          } else if (index.note(header, ordinal)) {
            found.increment();
          } else {
            unnoted.increment();
          }
        });
    listed = scanned && unnoted.sum() == 0;
    return found.sum();
  }

  PutOutcome put(StoredBlock block) {
    BlockHeader header = block.header();
    PutOutcome outcome;
    synchronized (lockOf(header.key())) {
      outcome = tier.put(block);
      switch (outcome) {
        case PutOutcome.Stored() -> {
          takenBytes.add(header.bodyLength());
          if (!entered(header)) {
            // Nobody would find it, and nobody evict it.
            tier.remove(header.ref());
            outcome = new PutOutcome.Failed(NO_INDEX_MEMORY);
          }
        }
        case PutOutcome.AlreadyPresent() -> {
          if (!entered(header)) {
            outcome = new PutOutcome.Failed(NO_INDEX_MEMORY);
          }
        }
        case PutOutcome.Full(_) -> {}
        case PutOutcome.Failed(_) -> health.failed();
      }
    }
    makeRoom();
    return outcome;
  }

  /** Takes a block out of index and tier. False when the tier could not remove it. */
  boolean drop(BlockRef block, Departure reason) {
    synchronized (lockOf(block.key())) {
      index.leave(block.key(), ordinal, reason);
      return tier.remove(block);
    }
  }

  private boolean entered(BlockHeader header) {
    health.succeeded();
    return index.note(header, ordinal);
  }

  private void makeRoom() {
    if (tier instanceof SelfEvictingTier) {
      return;
    }
    while (tier.usage().bytes() > capacityBytes) {
      BlockRef victim = index.evict(ordinal);
      if (victim == null) {
        return;
      }
      evictions.increment();
      synchronized (lockOf(victim.key())) {
        if (!tier.remove(victim)) {
          health.failed();
          return;
        }
      }
    }
  }

  private Object lockOf(BlockKey key) {
    return keyLocks[(int) key.w1() & (STRIPES - 1)];
  }
}
