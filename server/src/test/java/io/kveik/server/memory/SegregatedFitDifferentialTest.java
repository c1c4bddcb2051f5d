package io.kveik.server.memory;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.memory.Extents.Extent;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random allocations and frees, valid and not, against a map of intervals; each test is one seed.
 */
class SegregatedFitDifferentialTest {

  private static final int SEEDS = 150;
  private static final int STEPS = 2_000;

  static LongStream seeds() {
    return LongStream.range(0, SEEDS);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void agreesWithIntervalMap(long seed) {
    try (Arena arena = Arena.ofConfined()) {
      new Run(seed, arena).run();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  private record Live(long payloadBytes, byte pattern) {}

  private static final class Run {
    private final Random random;
    private final MemorySegment slab;
    private final SegregatedFit fit;
    private final TreeMap<Long, Live> live = new TreeMap<>();
    private final int allocatePercent;
    private final int[] typicalBytes;
    private long liveBytes;
    private byte nextPattern;

    Run(long seed, Arena arena) {
      random = new Random(seed);
      long capacityBytes = 128 + random.nextLong(1L << (8 + random.nextInt(12)));
      slab = arena.allocate(capacityBytes, 64).fill((byte) random.nextInt());
      fit = new SegregatedFit(slab);
      allocatePercent = 40 + random.nextInt(40);
      typicalBytes = new int[1 + random.nextInt(4)];
      for (int i = 0; i < typicalBytes.length; i++) {
        typicalBytes[i] = 1 + random.nextInt((int) Math.max(1, fit.usableBytes() / 8));
      }
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        int dice = random.nextInt(100);
        if (dice < allocatePercent) {
          allocate();
        } else if (dice < 95) {
          freeAny();
        } else {
          freeWrongly();
        }
        assertThat(fit.freeBytes()).isEqualTo(fit.usableBytes() - liveBytes);
        if (step % 32 == 0) {
          compareExtents();
        }
      }
      while (!live.isEmpty()) {
        freeAny();
      }
      assertThat(Extents.of(slab)).containsExactly(new Extent(48, fit.usableBytes(), true));
      assertThat(fit.largestFreeBytes()).isEqualTo(fit.usableBytes() - 16);
    }

    private void allocate() {
      long bytes =
          switch (random.nextInt(4)) {
            case 0 -> 1 + random.nextInt((int) Math.max(1, fit.usableBytes()));
            case 1 -> Math.max(1, fit.largestFreeBytes() - random.nextLong(100));
            default -> typicalBytes[random.nextInt(typicalBytes.length)];
          };
      long certainBytes = fit.largestFreeBytes();
      long offset = fit.allocate(bytes);
      if (offset == SegregatedFit.NO_ROOM) {
        assertThat(bytes).isGreaterThan(certainBytes);
        long largestGapBytes =
            Extents.of(slab).stream().filter(Extent::free).mapToLong(Extent::bytes).max().orElse(0);
        assertThat(SizeClasses.classOf(largestGapBytes / 64))
            .as("class of the largest gap when %d bytes found no room", bytes)
            .isLessThanOrEqualTo(SizeClasses.classOf(ExtentDescriptor.granulesFor(bytes)));
        return;
      }
      assertThat(offset % 64).isZero();
      assertThat(offset).isBetween(64L, slab.byteSize() - bytes);
      Map.Entry<Long, Live> before = live.floorEntry(offset);
      if (before != null) {
        assertThat(before.getKey() + before.getValue().payloadBytes())
            .isLessThanOrEqualTo(offset - 16);
      }
      Map.Entry<Long, Live> after = live.higherEntry(offset);
      if (after != null) {
        assertThat(offset + bytes).isLessThanOrEqualTo(after.getKey() - 16);
      }
      Live added = new Live(bytes, nextPattern++);
      slab.asSlice(offset, bytes).fill(added.pattern());
      live.put(offset, added);
      liveBytes += SegregatedFit.extentBytes(bytes);
    }

    private void freeAny() {
      Long offset = anyLive();
      if (offset == null) {
        return;
      }
      Live gone = requireNonNull(live.remove(offset));
      MemorySegment payload = slab.asSlice(offset, gone.payloadBytes());
      MemorySegment expected = MemorySegment.ofArray(new byte[(int) gone.payloadBytes()]);
      assertThat(payload.mismatch(expected.fill(gone.pattern()))).isEqualTo(-1);
      fit.free(offset);
      liveBytes -= SegregatedFit.extentBytes(gone.payloadBytes());
      assertRefused(offset);
    }

    /**
     * Anything but the offset of a live payload: gone, inside of one, unaligned or out of bounds.
     */
    private void freeWrongly() {
      long offset = random.nextLong(-200, slab.byteSize() + 200);
      if (random.nextBoolean()) {
        offset &= -64;
      }
      if (!live.containsKey(offset)) {
        assertRefused(offset);
      }
    }

    private void assertRefused(long offset) {
      assertThatThrownBy(() -> fit.free(offset)).isInstanceOf(IllegalStateException.class);
    }

    private @Nullable Long anyLive() {
      if (live.isEmpty()) {
        return null;
      }
      Long offset = live.floorKey(random.nextLong(slab.byteSize()));
      return offset != null ? offset : live.firstKey();
    }

    private void compareExtents() {
      List<Extent> used = new ArrayList<>();
      boolean previousFree = false;
      for (Extent extent : Extents.of(slab)) {
        assertThat(extent.free() && previousFree).as("free neighbours at %s", extent).isFalse();
        previousFree = extent.free();
        if (!extent.free()) {
          used.add(extent);
        }
      }
      List<Extent> expected = new ArrayList<>();
      live.forEach((offset, value) ->
          expected.add(
              new Extent(offset - 16, SegregatedFit.extentBytes(value.payloadBytes()), false)));
      assertThat(used).isEqualTo(expected);
    }
  }
}
