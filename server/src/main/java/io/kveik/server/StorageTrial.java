package io.kveik.server;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cli.StorageProbe;
import io.kveik.server.config.Configuration;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierUsage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The doctor's way to the tiers below DRAM: what {@link KveikServer} opens, and one block through
 * each.
 */
public final class StorageTrial implements StorageProbe {
  private static final int PAYLOAD_BYTES = 64 * 1024;
  private static final long SLAB_BYTES = 1024 * 1024;

  /** What a tier's lock says when it is another's; the SPI has no word of its own for it. */
  private static final String IN_USE = "in use by";

  private final Clock clock = Clock.system();

  @Override
  public Path dataDirectory(Configuration config) {
    return Wiring.dataDirectory(config);
  }

  @Override
  public List<Trial> tryTiers(Path dataDirectory, Configuration config) {
    return Wiring.lowerTiers(config, dataDirectory, clock).stream()
        .map(plan -> new Trial(plan.name(), plan.local(), tryTier(plan)))
        .toList();
  }

  private Outcome tryTier(LowerTierPlan plan) {
    try (Tier tier = plan.opening().open();
        Slab slab = Slab.anonymous(SLAB_BYTES)) {
      TierUsage held = tier.usage();
      String failure = roundTrip(tier, slab::allocate);
      if (failure.contains(IN_USE)) {
        return new Outcome.InUse();
      }
      return failure.isEmpty()
          ? new Outcome.Works(held.blocks(), held.bytes(), plan.capacityBytes())
          : new Outcome.Broken(failure);
    } catch (IOException e) {
      String reason = e instanceof FileSystemException refusal ? refusal.getReason() : null;
      return reason != null && reason.contains(IN_USE)
          ? new Outcome.InUse()
          : new Outcome.Broken(e.toString());
    }
  }

  /** What went wrong; empty when all went well. */
  private String roundTrip(Tier tier, BlockBuffers buffers) {
    SplittableRandom random = new SplittableRandom(clock.nanoTime());
    byte[] payload = new byte[PAYLOAD_BYTES];
    random.nextBytes(payload);
    BlockKey key =
        new BlockKey(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    Lease lease = buffers.allocate(PAYLOAD_BYTES);
    if (lease == null) {
      return "no memory for a block of " + PAYLOAD_BYTES + " bytes";
    }
    MemorySegment.copy(MemorySegment.ofArray(payload), 0, lease.segment(), 0, PAYLOAD_BYTES);
    BlockHeader header = header(key, lease.segment());
    try (StoredBlock block = StoredBlock.transfer(header, lease)) {
      PutOutcome put = tier.put(block);
      if (!(put instanceof PutOutcome.Stored)) {
        return "writing a block: " + put;
      }
    }
    String failure = read(tier, header.ref(), buffers, payload);
    if (!tier.remove(header.ref())) {
      return "deleting a block failed";
    }
    return failure;
  }

  private static String read(Tier tier, BlockRef ref, BlockBuffers buffers, byte[] payload) {
    GetOutcome get = tier.get(ref, buffers);
    if (!(get instanceof GetOutcome.Hit hit)) {
      return "reading a block back: " + get;
    }
    try (StoredBlock block = hit.block()) {
      return block.payload().mismatch(MemorySegment.ofArray(payload)) == -1
          ? ""
          : "a block came back with other bytes";
    }
  }

  private BlockHeader header(BlockKey key, MemorySegment payload) {
    return new BlockHeader(
        key,
        new Fingerprint(0, 0, 0, 0),
        1,
        0,
        0,
        0,
        0,
        PAYLOAD_BYTES,
        Crc32c.of(payload, 0, 0),
        Crc32c.of(payload),
        clock.wallMillis(),
        BlockHeader.NEVER_EXPIRES,
        0);
  }
}
