package io.kveik.server;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.Tier;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** One block into a tier, back and out again. */
record BlockRoundTrip(Fingerprint namespace, Clock clock) {
  private static final int PAYLOAD_BYTES = 64 * 1024;
  private static final long SLAB_BYTES = 1024 * 1024;

  /** What went wrong; empty when all went well. Leaves no block behind unless it says so. */
  String through(Tier tier) {
    try (Slab slab = Slab.anonymous(SLAB_BYTES)) {
      return through(tier, slab::allocate);
    }
  }

  private String through(Tier tier, BlockBuffers buffers) {
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
        namespace,
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
