package io.kveik.server.tier.nvme;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large blocks go to the real disk from where they lie; what comes back is what was there. */
class NvmeTierGatherTest {
  private static final long SEED = 20261121;
  private static final int[] LENGTHS = {131_072, 131_071, 200_000, 200_448, 1_228_800, 1_228_801};

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      value = IoMode.class,
      names = {"AUTO", "BUFFERED"})
  void whatIsGatheredComesBackAfterARestart(IoMode io) {
    NvmeOptions options = NvmeOptions.of(64 << 20).withIo(io);
    try (Slab slab = Slab.anonymous(16 << 20)) {
      try (NvmeTier tier = NvmeTier.open(directory, options, Clock.system())) {
        for (int number = 0; number < LENGTHS.length; number++) {
          try (StoredBlock block = block(number, slab)) {
            assertThat(tier.put(block)).isInstanceOf(PutOutcome.Stored.class);
          }
        }
      }
      try (NvmeTier tier = NvmeTier.open(directory, options, Clock.system())) {
        for (int number = 0; number < LENGTHS.length; number++) {
          try (StoredBlock written = block(number, slab);
              StoredBlock read =
                  ((GetOutcome.Hit) tier.get(written.header().ref(), slab::allocate)).block()) {
            assertThat(read.body().mismatch(written.body())).as("block %d", number).isEqualTo(-1);
          }
        }
      }
      assertThat(slab.liveLeases()).isZero();
    }
  }

  @Test
  void theSlabsLargeBlocksAreWhereTheDiskTakesThemFrom() throws Exception {
    DiskSegmentFiles files = DiskSegmentFiles.of(IoMode.AUTO);
    files.probe(directory);
    try (Slab slab = Slab.anonymous(4 << 20);
        Lease lease = requireNonNull(slab.allocate(1_228_800))) {
      MemorySegment behindHeaderPage =
          lease.segment().asSlice(RecordDescriptor.PAGE_BYTES - RecordDescriptor.HEADER_BYTES);
      assertThat(files.gathers(behindHeaderPage)).isEqualTo(GatheringFile.available());
      assertThat(files.gathers(behindHeaderPage.asSlice(0, 1 << 10))).isFalse();
    }
  }

  /** Or power cuts would be tried on copied records alone. */
  @Test
  void theSimulatedDiskGathersToo() {
    SimulatedSegments disk = new SimulatedSegments(true);
    try (Slab slab = Slab.anonymous(4 << 20);
        NvmeTier tier = NvmeTier.open(directory, NvmeOptions.of(64 << 20), Clock.system(), disk);
        StoredBlock block = block(0, slab)) {
      assertThat(tier.put(block)).isInstanceOf(PutOutcome.Stored.class);
      assertThat(disk.gathered()).isEqualTo(1);
    }
  }

  private static StoredBlock block(int number, Slab slab) {
    byte[] bytes = new byte[LENGTHS[number]];
    new SplittableRandom(SEED + number).nextBytes(bytes);
    Lease lease = requireNonNull(slab.allocate(bytes.length));
    ByteBuffer memory = lease.segment().asByteBuffer();
    memory.put(bytes);
    BlockHeader header =
        new BlockHeader(
            new BlockKey(1, 2, 3, number),
            new Fingerprint(1, 2, 3, 4),
            number,
            0,
            0,
            128,
            0,
            bytes.length,
            0,
            Crc32c.of(lease.segment()),
            1,
            BlockHeader.NEVER_EXPIRES,
            0);
    return StoredBlock.transfer(header, lease);
  }
}
