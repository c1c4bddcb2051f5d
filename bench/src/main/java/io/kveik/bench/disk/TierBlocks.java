package io.kveik.bench.disk;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.memory.SlabMemory;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.nvme.NvmeTier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of one payload under many keys: what is measured is the disk, not their making. They lie
 * in as much memory as raw I/O uses, see {@link RawMemory}. Any thread.
 */
final class TierBlocks implements AutoCloseable {
  private static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);

  /** A large record is read with its header, to memory that is aligned. */
  private static final long SLACK_BYTES = 3L * RawFile.PAGE;

  private final Slab slab;
  private final List<Lease> payloads = new ArrayList<>();
  private final AtomicReferenceArray<@Nullable StoredBlock> held;
  private final AtomicInteger gets = new AtomicInteger();
  private final int payloadBytes;
  private final int payloadCrc;

  TierBlocks(DiskPlan plan) throws IOException {
    int count = plan.memoryBlocks();
    this.payloadBytes = plan.payloadBytes();
    this.held = new AtomicReferenceArray<>(count);
    long slack = plan.recordBytes() < Slab.LARGE_BYTES ? 0 : SLACK_BYTES;
    this.slab =
        Slab.of(
            SlabMemory.hugePages(),
            Slab.extentBytes(payloadBytes + slack) * (2L * count + 2L * plan.threads()));
    // As a server does: the first use of a page is not the disk's time.
    slab.pretouch();
    byte[] bytes = new byte[payloadBytes];
    new SplittableRandom(payloadBytes).nextBytes(bytes);
    for (int i = 0; i < count; i++) {
      Lease lease = slab.allocate(payloadBytes);
      if (lease == null) {
        throw new IOException("no memory for a block");
      }
      payloads.add(lease);
      lease.segment().asByteBuffer().put(bytes);
    }
    this.payloadCrc = Crc32c.of(payloads.getFirst().segment());
  }

  private static BlockKey key(int number) {
    SplittableRandom random = new SplittableRandom(number);
    return new BlockKey(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  void put(NvmeTier tier, int number) throws IOException {
    try (StoredBlock block = StoredBlock.transfer(header(number), payload(number).retain())) {
      PutOutcome outcome = tier.put(block);
      if (!(outcome instanceof PutOutcome.Stored)) {
        throw new IOException("put: " + outcome);
      }
    }
  }

  private Lease payload(int number) {
    return payloads.get(number % payloads.size());
  }

  /** Holds the block until as many others as there is memory for have been got. */
  void get(NvmeTier tier, int number) throws IOException {
    switch (tier.get(header(number).ref(), slab::allocate)) {
      case GetOutcome.Hit(StoredBlock block) -> hold(block);
      case GetOutcome other -> throw new IOException("get: " + other);
    }
  }

  private void hold(StoredBlock block) {
    StoredBlock before = held.getAndSet(gets.getAndIncrement() % held.length(), block);
    if (before != null) {
      before.close();
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
    for (int i = 0; i < held.length(); i++) {
      StoredBlock block = held.get(i);
      if (block != null) {
        block.close();
      }
    }
    payloads.forEach(Lease::close);
    slab.close();
  }
}
