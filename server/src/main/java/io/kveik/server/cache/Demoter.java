package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.StoredBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes blocks that DRAM is about to evict to the tiers that want them, and gives their memory
 * back: as a kernel's page-out daemon does, between a low and a high watermark of free memory.
 *
 * <p>Works when an allocation leaves less than the low watermark free, in the policy's order, until
 * free memory and what is on its way down make up the high one; it never waits for a tier. A block
 * that is used while it is written stays in DRAM, and below too. An allocation that finds no room
 * meanwhile evicts by itself: what a tier would have taken is lost to it and counted as dropped by
 * it.
 *
 * <p>Any thread may call; picks victims on a thread of its own.
 */
final class Demoter implements AutoCloseable {
  /** A tier that takes what DRAM evicts, and the way to it. */
  record Way(LowerTier tier, WriteBehind queue) {}

  private final HotMemory hot;
  private final BlockFinder finder;
  private final Passages passages;
  private final List<Way> ways;
  private final SeenOnce evictedOnce;
  private final Watermarks watermarks;
  private final Clock clock;
  private final Workers thread = new Workers("demote", 1, 1);
  private final AtomicLong leavingBytes = new AtomicLong();

  /**
   * @param remembered blocks remembered as evicted without having been used
   */
  Demoter(
      HotMemory hot,
      BlockFinder finder,
      Passages passages,
      List<Way> ways,
      int remembered,
      Watermarks watermarks,
      Clock clock) {
    this.hot = hot;
    this.finder = finder;
    this.passages = passages;
    this.ways = ways;
    this.evictedOnce = new SeenOnce(remembered);
    this.watermarks = watermarks;
    this.clock = clock;
  }

  /** To be called after each allocation. */
  void allocated() {
    if (hot.freeBytes() + leavingBytes.get() < watermarks.lowBytes()) {
      thread.tryExecute(this::demote);
    }
  }

  /** Counts a block, still in DRAM, that must go before it could be written. */
  void lost(BlockRef victim) {
    for (Way way : waysFor(victim)) {
      way.queue.countDropped();
    }
  }

  /** Bytes of blocks on their way down. */
  long leavingBytes() {
    return leavingBytes.get();
  }

  /** Picks no more victims; what is on its way is for the queues to finish. */
  @Override
  public void close() {
    thread.close();
  }

  private void demote() {
    // Not until so much is free: what readers still hold of evicted blocks comes back by itself.
    long wantedBytes = watermarks.highBytes() - hot.freeBytes() - leavingBytes.get();
    while (wantedBytes > 0) {
      if (!ways.stream().allMatch(way -> way.queue.hasRoom(hot.largestBytes()))) {
        // The next put that ends comes back here.
        return;
      }
      BlockRef victim = hot.beginLeaving();
      if (victim == null) {
        return;
      }
      wantedBytes -= sendDown(victim);
    }
  }

  /**
   * Offers a block that is leaving DRAM to the tiers that want it; never waits. Any thread.
   *
   * @return bytes that this frees, now or once they are written
   */
  long sendDown(BlockRef victim) {
    try (Passages.Passage passage = passages.open(victim)) {
      StoredBlock block = hot.get(victim);
      if (block == null) {
        // Dropped since it was picked.
        hot.endLeaving(victim);
        return 0;
      }
      return sendDown(victim, block, passage);
    }
  }

  /**
   * @param block closed here
   * @param passage was open before the block was got
   */
  private long sendDown(BlockRef victim, StoredBlock block, Passages.Passage passage) {
    List<CompletableFuture<?>> puts = new ArrayList<>();
    try (block) {
      BlockHeader header = block.header();
      int usesBefore = uses(header.key());
      for (Way way : waysFor(victim)) {
        WriteBehind.Ticket ticket = way.queue.offerNow(block.retain(), passage.share());
        if (ticket == null) {
          way.queue.countDropped();
        } else {
          puts.add(ticket.done());
        }
      }
      if (puts.isEmpty()) {
        hot.endLeaving(victim);
        return header.bodyLength();
      }
      leavingBytes.addAndGet(header.bodyLength());
      CompletableFuture.allOf(puts.toArray(CompletableFuture[]::new))
          .thenRun(() -> arrived(header, usesBefore));
      return header.bodyLength();
    }
  }

  private void arrived(BlockHeader header, int usesBefore) {
    leavingBytes.addAndGet(-header.bodyLength());
    if (uses(header.key()) == usesBefore) {
      hot.endLeaving(header.ref());
    } else {
      hot.stay(header);
    }
    thread.tryExecute(this::demote);
  }

  /** The ways that a victim should go; none when all below have it, or nobody will miss it. */
  private List<Way> waysFor(BlockRef victim) {
    BlockView known = new BlockView();
    if (!finder.find(victim.key(), known) || known.expiredAt(clock.nanoTime())) {
      return List.of();
    }
    List<Way> wanted = new ArrayList<>(ways.size());
    boolean usedAgain = false;
    boolean asked = false;
    for (Way way : ways) {
      if (known.inTier(way.tier.ordinal)) {
        continue;
      }
      if (way.tier.admission == Admission.SECOND_USE) {
        if (!asked) {
          usedAgain = known.uses > 0 || evictedOnce.again(victim.key());
          asked = true;
        }
        if (!usedAgain) {
          continue;
        }
      }
      wanted.add(way);
    }
    return wanted;
  }

  private int uses(BlockKey key) {
    BlockView known = new BlockView();
    return finder.find(key, known) ? known.uses : 0;
  }
}
