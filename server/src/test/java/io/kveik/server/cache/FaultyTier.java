package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierUsage;
import io.kveik.server.tier.dram.DramTier;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A lower tier that holds blocks for real and is slow, broken or rotten when a test says so. */
final class FaultyTier implements Tier {
  private final Slab slab;
  private final DramTier blocks;

  /** Each put and get takes a permit; none left: it waits. */
  final Semaphore permits = new Semaphore(Integer.MAX_VALUE / 2);

  final AtomicInteger gets = new AtomicInteger();
  final AtomicInteger puts = new AtomicInteger();
  final AtomicInteger finds = new AtomicInteger();

  /** Removals that a power loss must not undo, and those that it may. */
  final AtomicInteger removals = new AtomicInteger();

  final AtomicInteger evictions = new AtomicInteger();

  /** Called before a block is evicted, on the thread that evicts it. */
  volatile Consumer<BlockRef> beforeEviction = _ -> {};

  volatile boolean broken;
  volatile boolean rotten;
  volatile boolean scans = true;

  FaultyTier(long capacityBytes) {
    slab = Slab.anonymous(capacityBytes);
    blocks = DramTier.transfer(slab);
  }

  long liveLeases() {
    return slab.liveLeases();
  }

  void stall() {
    permits.drainPermits();
  }

  void resume() {
    permits.release(Integer.MAX_VALUE / 2);
  }

  @Override
  public String name() {
    return "faulty";
  }

  @Override
  public PutOutcome put(StoredBlock block) {
    puts.incrementAndGet();
    permits.acquireUninterruptibly();
    return broken ? new PutOutcome.Failed("told to") : blocks.put(block);
  }

  @Override
  public GetOutcome get(BlockRef block, BlockBuffers buffers) {
    gets.incrementAndGet();
    permits.acquireUninterruptibly();
    if (broken) {
      return new GetOutcome.Failed("told to");
    }
    if (rotten) {
      blocks.remove(block);
      return new GetOutcome.Corrupt("told to");
    }
    if (!(blocks.get(block, buffers) instanceof GetOutcome.Hit(StoredBlock own))) {
      return new GetOutcome.Absent();
    }
    try (own) {
      var lease = buffers.allocate(own.header().bodyLength());
      if (lease == null) {
        return new GetOutcome.NoBuffer();
      }
      lease.segment().copyFrom(own.body());
      return new GetOutcome.Hit(StoredBlock.transfer(own.header(), lease));
    }
  }

  @Override
  public FindOutcome find(BlockRef block) {
    finds.incrementAndGet();
    permits.acquireUninterruptibly();
    return broken ? new FindOutcome.Failed("told to") : blocks.find(block);
  }

  @Override
  public boolean remove(BlockRef block) {
    removals.incrementAndGet();
    return !broken && blocks.remove(block);
  }

  @Override
  public boolean evict(BlockRef block) {
    evictions.incrementAndGet();
    beforeEviction.accept(block);
    return !broken && blocks.evict(block);
  }

  @Override
  public boolean scan(Consumer<BlockHeader> visitor) {
    return scans && blocks.scan(visitor);
  }

  @Override
  public TierUsage usage() {
    return blocks.usage();
  }

  @Override
  public void close() {
    // The test closes the slab: the blocks outlive a restarted engine.
  }

  void destroy() {
    blocks.close();
  }
}
