package io.kveik.server.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlabTest {

  private static final long MIB = 1L << 20;

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 127, (1L << 45) + 1, Long.MAX_VALUE})
  void capacityOutsideTheLimitsIsRefused(long capacityBytes) {
    assertThatThrownBy(() -> Slab.anonymous(capacityBytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("capacityBytes=" + capacityBytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, MIB - 64 - 15, Long.MAX_VALUE})
  void lengthOutsideTheLimitsIsRefused(long bytes) {
    try (Slab slab = Slab.anonymous(MIB)) {
      assertThatThrownBy(() -> slab.allocate(bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("bytes=" + bytes + " is outside 1 to 1048048");
      assertThat(slab.stats().freeBytes()).isEqualTo(MIB - 64);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {128 << 10, 200_001, 300_000})
  void largeOnesBeginWhereARecordsHeaderBeforeThemBeginsASector(long bytes) {
    try (Slab slab = Slab.anonymous(MIB);
        Lease small = allocated(slab, 100);
        Lease first = allocated(slab, bytes);
        Lease second = allocated(slab, bytes)) {
      assertThat(small.segment().address() % 64).isZero();
      for (Lease large : new Lease[] {first, second}) {
        assertThat(large.segment().byteSize()).isEqualTo(bytes);
        assertThat((large.segment().address() - Slab.HEAD_BYTES) % Slab.SECTOR_BYTES).isZero();
      }
      assertThat(slab.stats().allocatedBytes())
          .isEqualTo(slab.allocatedBytesFor(100) + 2 * slab.allocatedBytesFor(bytes));
    }
  }

  @Test
  void noRoomIsNull() {
    try (Slab slab = Slab.anonymous(MIB);
        Lease all = allocated(slab, slab.maxAllocationBytes())) {
      assertThat(all.lengthBytes()).isEqualTo(MIB - 80 - 448);
      assertThat(slab.allocate(1)).isNull();
      assertThat(slab.stats().largestFreeBytes()).isZero();
      assertThat(slab.stats().fragmentationRatio()).isZero();
    }
  }

  @Test
  void smallestSlabHoldsOneAllocation() {
    try (Slab slab = Slab.anonymous(128);
        Lease only = allocated(slab, 48)) {
      assertThat(slab.maxAllocationBytes()).isEqualTo(48);
      assertThat(only.segment().byteSize()).isEqualTo(48);
      assertThat(slab.allocate(1)).isNull();
    }
  }

  @Test
  void segmentsAreAlignedAndOfTheLengthAskedFor() {
    try (Slab slab = Slab.anonymous(MIB)) {
      for (long bytes = 1; bytes < 300; bytes += 7) {
        try (Lease lease = allocated(slab, bytes)) {
          assertThat(lease.segment().byteSize()).isEqualTo(bytes);
          assertThat(lease.segment().address() % 64).isZero();
          assertThatThrownBy(() -> lease.segment().get(JAVA_BYTE, lease.lengthBytes()))
              .isInstanceOf(IndexOutOfBoundsException.class);
        }
      }
      assertThat(slab.liveLeases()).isZero();
    }
  }

  @Test
  void figuresAreAsDocumented() {
    try (Slab slab = Slab.anonymous(MIB + 63)) {
      Lease first = allocated(slab, 1_500);
      Lease second = allocated(slab, 48);
      Lease again = second.retain();
      assertThat(slab.allocatedBytesFor(1_500)).isEqualTo(1_536);
      SlabStats stats = slab.stats();
      assertThat(stats)
          .isEqualTo(
              new SlabStats(MIB + 63, 1_536 + 64, 1_548, MIB - 64 - 1_600, MIB - 64 - 1_616, 2, 3));
      assertThat(stats.overheadRatio()).isEqualTo((1_600 - 1_548) / 1_600.0, within(1e-12));
      assertThat(stats.fragmentationRatio()).isZero();

      first.close();
      double rest = MIB - 64 - 1_600;
      assertThat(slab.stats().fragmentationRatio())
          .isEqualTo(1 - rest / (rest + 1_536), within(1e-12));
      second.close();
      again.close();
      assertThat(slab.stats()).isEqualTo(new SlabStats(MIB + 63, 0, 0, MIB - 64, MIB - 80, 0, 0));
      assertThat(slab.stats().overheadRatio()).isZero();
    }
  }

  /** A v1 block with room for its header, and a small one: tags and rounding included. */
  @ParameterizedTest
  @CsvSource({"1258891, 256, 0.99", "1500, 64, 0.93"})
  void uniformLengthsFillTheSlab(long bytes, long capacityMebibytes, double leastRatio) {
    try (Slab slab = Slab.anonymous(capacityMebibytes * MIB)) {
      List<Lease> leases = fill(slab, bytes);
      long most = slab.stats().requestedBytes();
      assertThat((double) most / (double) slab.capacityBytes()).isGreaterThan(leastRatio);

      for (int i = 0; i < leases.size(); i += 2) {
        leases.get(i).close();
      }
      leases.addAll(fill(slab, bytes));
      assertThat(slab.stats().requestedBytes()).as("after freeing every other").isEqualTo(most);
      leases.forEach(Lease::close);
      assertThat(slab.stats().fragmentationRatio()).isZero();
      assertThat(slab.liveLeases()).isZero();
    }
  }

  @Test
  void closeWithLiveLeasesFreesWithTheLast() {
    Slab slab = Slab.anonymous(MIB);
    Lease first = allocated(slab, 1_000);
    Lease second = allocated(slab, 2_000);
    MemorySegment kept = first.segment();
    kept.fill((byte) 7);
    slab.close();
    slab.close();

    assertThat(slab.allocate(1)).isNull();
    second.close();
    Lease retained = first.retain();
    first.close();
    assertThat(retained.segment().get(JAVA_BYTE, 999)).isEqualTo((byte) 7);
    assertThat(kept.scope().isAlive()).isTrue();
    assertThat(slab.stats().liveAllocations()).isEqualTo(1);

    retained.close();
    assertThat(kept.scope().isAlive()).isFalse();
    assertThatThrownBy(() -> kept.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    assertThat(slab.liveLeases()).isZero();
    assertThat(slab.stats()).isEqualTo(new SlabStats(MIB, 0, 0, 0, 0, 0, 0));
    assertThat(slab.allocate(1)).isNull();
    assertThat(first.tryRetain()).isNull();
    assertThatThrownBy(slab::pretouch).isInstanceOf(IllegalStateException.class);
    slab.close();
  }

  @Test
  void pretouchChangesNoByte() {
    try (Slab slab = Slab.anonymous(64 * 1024 + 5);
        Lease lease = allocated(slab, 60_000)) {
      lease.segment().fill((byte) 0xA5);
      int before = Crc32c.of(lease.segment());
      slab.pretouch();
      assertThat(Crc32c.of(lease.segment())).isEqualTo(before);
    }
  }

  @Test
  void pagesBecomeResidentByUseOrByPretouch() throws IOException {
    assumeThat(Path.of("/proc/self/smaps_rollup")).exists();
    long capacityBytes = 128 * MIB;
    long before = residentBytes();
    try (Slab slab = Slab.anonymous(capacityBytes)) {
      assertThat(residentBytes() - before).isLessThan(capacityBytes / 2);
      slab.pretouch();
      assertThat(residentBytes() - before).isGreaterThan(capacityBytes / 2);
    }
    assertThat(residentBytes() - before).isLessThan(capacityBytes / 2);
  }

  @Test
  void memoryMayComeFromAMappedFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("slab");
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        Slab slab = Slab.of(mapped(channel), MIB);
        Lease lease = allocated(slab, 5_000)) {
      lease.segment().fill((byte) 3);
      assertThat(Files.size(file)).isEqualTo(MIB);
      assertThat(slab.liveLeases()).isEqualTo(1);
    }
  }

  @Test
  void memoryThatBreaksTheContractIsRefused() {
    List<SlabMemory> sources =
        List.of(
            (arena, bytes) -> arena.allocate(bytes - 1, 64),
            (arena, bytes) -> arena.allocate(bytes, 64).asReadOnly(),
            (arena, bytes) -> arena.allocate(bytes + 64, 64).asSlice(8),
            (arena, bytes) -> MemorySegment.ofArray(new byte[(int) bytes]));
    for (SlabMemory source : sources) {
      assertThatThrownBy(() -> Slab.of(source, 4096))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("capacityBytes=4096");
    }
  }

  @Test
  void systemRefusalIsAnOutOfMemoryErrorAndClosesTheArena() {
    List<Arena> arenas = new ArrayList<>();
    SlabMemory source =
        (arena, bytes) -> {
          arenas.add(arena);
          throw new OutOfMemoryError("refused");
        };
    assertThatThrownBy(() -> Slab.of(source, 4096)).isInstanceOf(OutOfMemoryError.class);
    assertThat(arenas).singleElement().matches(arena -> !arena.scope().isAlive());
  }

  private static SlabMemory mapped(FileChannel channel) {
    return (arena, bytes) -> {
      try {
        return channel.map(MapMode.READ_WRITE, 0, bytes, arena);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private static List<Lease> fill(Slab slab, long bytes) {
    List<Lease> leases = new ArrayList<>();
    for (Lease lease = slab.allocate(bytes); lease != null; lease = slab.allocate(bytes)) {
      leases.add(lease);
    }
    return leases;
  }

  private static Lease allocated(Slab slab, long bytes) {
    return requireNonNull(slab.allocate(bytes));
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps_rollup"))) {
      if (line.startsWith("Anonymous:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new IOException("no Anonymous line");
  }
}
