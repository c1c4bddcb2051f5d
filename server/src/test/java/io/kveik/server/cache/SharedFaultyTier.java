package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TierUsage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A {@link FaultyTier} that other servers share, so that its blocks are not listed. */
final class SharedFaultyTier implements SharedTier {
  final FaultyTier blocks = new FaultyTier(16 << 20);

  /** What the digests of a real one would say. */
  volatile Predicate<BlockKey> digest = _ -> true;

  volatile boolean reachable = true;
  final AtomicInteger mostFinds = new AtomicInteger();
  private final AtomicInteger findsNow = new AtomicInteger();

  @Override
  public boolean mayHold(BlockRef block) {
    return digest.test(block.key());
  }

  @Override
  public boolean reachable(Fingerprint namespace) {
    return reachable;
  }

  @Override
  public FindOutcome find(BlockRef block) {
    int now = findsNow.incrementAndGet();
    mostFinds.accumulateAndGet(now, Math::max);
    try {
      return blocks.find(block);
    } finally {
      findsNow.decrementAndGet();
    }
  }

  @Override
  public String name() {
    return "shared";
  }

  @Override
  public PutOutcome put(StoredBlock block) {
    return blocks.put(block);
  }

  @Override
  public GetOutcome get(BlockRef block, BlockBuffers buffers) {
    return blocks.get(block, buffers);
  }

  @Override
  public boolean remove(BlockRef block) {
    return blocks.remove(block);
  }

  @Override
  public boolean scan(Consumer<BlockHeader> visitor) {
    throw new AssertionError("a shared tier is not listed");
  }

  @Override
  public TierUsage usage() {
    return blocks.usage();
  }

  @Override
  public void close() {
    // The test closes the slab: the blocks outlive the engine that wrote them.
  }
}
