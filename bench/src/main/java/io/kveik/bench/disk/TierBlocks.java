package io.kveik.bench.disk;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.nvme.NvmeTier;
import java.io.IOException;
import java.util.SplittableRandom;

/** Blocks of one payload under many keys: what is measured is the disk, not their making. */
final class TierBlocks implements AutoCloseable {
  private static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);
  private static final int SLACK_BYTES = 16 << 10;

  private final Slab slab;
  private final Lease payload;
  private final int payloadBytes;
  private final int payloadCrc;

  TierBlocks(int payloadBytes, int threads) throws IOException {
    this.payloadBytes = payloadBytes;
    this.slab = Slab.anonymous((payloadBytes + (long) SLACK_BYTES) * (threads + 2) * 2);
    Lease lease = slab.allocate(payloadBytes);
    if (lease == null) {
      throw new IOException("no memory for a block");
    }
    this.payload = lease;
    SplittableRandom random = new SplittableRandom(payloadBytes);
    byte[] bytes = new byte[payloadBytes];
    random.nextBytes(bytes);
    lease.segment().asByteBuffer().put(bytes);
    this.payloadCrc = Crc32c.of(lease.segment());
  }

  private static BlockKey key(int number) {
    SplittableRandom random = new SplittableRandom(number);
    return new BlockKey(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  void put(NvmeTier tier, int number) throws IOException {
    try (StoredBlock block = StoredBlock.transfer(header(number), payload.retain())) {
      PutOutcome outcome = tier.put(block);
      if (!(outcome instanceof PutOutcome.Stored)) {
        throw new IOException("put: " + outcome);
      }
    }
  }

  void get(NvmeTier tier, int number) throws IOException {
    switch (tier.get(header(number).ref(), slab::allocate)) {
      case GetOutcome.Hit(StoredBlock block) -> block.close();
      case GetOutcome other -> throw new IOException("get: " + other);
    }
  }

  private BlockHeader header(int number) {
    return new BlockHeader(
        key(number),
        NAMESPACE,
        number,
        0,
        0,
        128,
        0,
        payloadBytes,
        0,
        payloadCrc,
        1,
        BlockHeader.NEVER_EXPIRES,
        0);
  }

  @Override
  public void close() {
    payload.close();
    slab.close();
  }
}
