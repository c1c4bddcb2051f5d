package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.BatchingTier.Batching;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierUsage;
import io.kveik.server.tier.object.Background;
import io.kveik.server.tier.object.BlobContainers;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.ObjectTier;
import io.kveik.server.tier.object.TestContainers;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Tiers with extents whose limits no test runs into. */
public final class TestExtents {
  public static final int LARGEST_BLOCK = 64 << 10;

  /** Tables that are read at a time. */
  static final int TABLE_READS = 4;

  private static final int LEAST_BLOCKS = 2;
  private static final int LIVE_PERCENT = 50;
  private static final long DIRECTORY_BLOCKS = 1_000_000;
  private static final Optional<Batching> BATCHING =
      Optional.of(new Batching(LARGEST_BLOCK, 1 << 20, 256, 50));

  private TestExtents() {}

  /**
   * @param leastBlocks fewer go alone
   */
  static ExtentOptions options(int leastBlocks) {
    return options(BATCHING, leastBlocks, LIVE_PERCENT, DIRECTORY_BLOCKS);
  }

  /** The usual for a server that knows of so many blocks at most. */
  static ExtentOptions withDirectory(long blocks) {
    return options(BATCHING, LEAST_BLOCKS, LIVE_PERCENT, blocks);
  }

  /** The usual, but what is over stays in the store. */
  static ExtentOptions neverRewriting() {
    return options(BATCHING, LEAST_BLOCKS, 0, DIRECTORY_BLOCKS);
  }

  /** The usual, but blocks wait until an extent is complete. */
  static ExtentOptions completeExtents() {
    Batching patient =
        new Batching(LARGEST_BLOCK, 1 << 20, ObjectExtentDescriptor.MAX_BLOCKS, 60_000);
    return options(Optional.of(patient), LEAST_BLOCKS, LIVE_PERCENT, DIRECTORY_BLOCKS);
  }

  /** The usual for a server that writes no extents. */
  static ExtentOptions switchedOff() {
    return options(Optional.empty(), LEAST_BLOCKS, LIVE_PERCENT, DIRECTORY_BLOCKS);
  }

  private static ExtentOptions options(
      Optional<Batching> batching, int leastBlocks, int livePercent, long directoryBlocks) {
    return new ExtentOptions(
        batching,
        leastBlocks,
        new ExtentOptions.Calls(10_000, 10_000, 10_000),
        1_000,
        3_600_000,
        TABLE_READS,
        livePercent,
        10,
        directoryBlocks,
        32 << 20,
        100,
        600_000,
        10);
  }

  /** A tier over the store that puts each small block in an extent, if need be of its own. */
  public static Tier tier(BlobStore store, BlobContainers containers, CodecKind codec) {
    ObjectTier singles = TestContainers.tier(store, containers, codec);
    SplittableRandom random = new SplittableRandom();
    Scheduler scheduler = Scheduler.system("test-extents");
    ExtentTier tier =
        new ExtentTier(
            new ExtentTier.Parts(singles, store, containers, singles.codec()),
            options(1),
            new ExtentTier.Threads(inline(), inline()),
            scheduler,
            Clock.system(),
            () -> {
              synchronized (random) {
                return random.nextLong();
              }
            });
    return new Packing(tier, scheduler);
  }

  /** Runs background work where it is asked for. */
  static Background inline() {
    return new Background() {
      @Override
      public boolean tryExecute(Runnable task) {
        task.run();
        return true;
      }

      @Override
      public void pause(long millis) {}

      @Override
      public void close() {}
    };
  }

  /** Puts as write-behind does, one block at a time. */
  private record Packing(ExtentTier tier, Scheduler scheduler) implements Tier {
    @Override
    public String name() {
      return tier.name();
    }

    @Override
    public PutOutcome put(StoredBlock block) {
      return block.header().bodyLength() > LARGEST_BLOCK
          ? tier.put(block)
          : tier.putAll(List.of(block)).getFirst();
    }

    @Override
    public GetOutcome get(BlockRef block, BlockBuffers buffers) {
      return tier.get(block, buffers);
    }

    @Override
    public FindOutcome find(BlockRef block) {
      return tier.find(block);
    }

    @Override
    public boolean remove(BlockRef block) {
      return tier.remove(block);
    }

    @Override
    public boolean scan(Consumer<BlockHeader> visitor) {
      return tier.scan(visitor);
    }

    @Override
    public TierUsage usage() {
      return tier.usage();
    }

    @Override
    public void close() {
      tier.close();
      scheduler.close();
      if (tier.liveLeases() != 0) {
        throw new AssertionError("leases left: " + tier.liveLeases());
      }
    }
  }
}
