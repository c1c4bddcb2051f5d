package io.kveik.server.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SegregatedFitTest {

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment slab = arena.allocate(1 << 20, 64);
  private final SegregatedFit fit = new SegregatedFit(slab);

  @AfterEach
  void unmap() {
    arena.close();
  }

  @Test
  void classesOrderLikeLengthsAndDifferByLessThanOneSixteenth() {
    int previous = SizeClasses.classOf(1);
    long firstOfClass = 1;
    for (long granules = 2; granules < 1 << 16; granules++) {
      int sizeClass = SizeClasses.classOf(granules);
      assertThat(sizeClass).isBetween(previous, previous + 1);
      if (sizeClass != previous) {
        firstOfClass = granules;
      }
      assertThat((granules - firstOfClass) * 16).isLessThan(firstOfClass);
      previous = sizeClass;
    }
    assertThat(SizeClasses.classOf(1L << 39)).isEqualTo(36 * 16);
  }

  @Test
  void bitmapsFindTheNearestClassAboveAndTheHighest() {
    SizeClasses classes = new SizeClasses();
    int top = SizeClasses.classOf(1L << 39);
    assertThat(classes.lowestAbove(1)).isEqualTo(SizeClasses.NO_CLASS);
    assertThat(classes.highest()).isEqualTo(SizeClasses.NO_CLASS);
    for (int sizeClass = 1; sizeClass <= top; sizeClass++) {
      classes.setHead(sizeClass, 48);
      assertThat(classes.lowestAbove(sizeClass - 1)).isEqualTo(sizeClass);
      assertThat(classes.lowestAbove(0)).isEqualTo(sizeClass);
      assertThat(classes.lowestAbove(sizeClass)).isEqualTo(SizeClasses.NO_CLASS);
      assertThat(classes.highest()).isEqualTo(sizeClass);
      classes.setHead(sizeClass, ExtentDescriptor.NO_EXTENT);
      assertThat(classes.highest()).isEqualTo(SizeClasses.NO_CLASS);
    }
  }

  @Test
  void aHoleOfJustTheRightLengthIsUsedAgain() {
    // 1,025 granules are no class boundary: rounding up to the next class would never find this
    // hole.
    long bytes = 1_025 * 64 - 16;
    long hole = fit.allocate(bytes);
    fit.allocate(1);
    while (fit.allocate(bytes) != SegregatedFit.NO_ROOM) {
      // Fills the slab.
    }
    fit.free(hole);
    assertThat(fit.allocate(bytes)).isEqualTo(hole);
  }

  @Test
  void theTightestHoleOfTheClassIsTaken() {
    long wide = fit.allocate(1_030 * 64 - 16);
    fit.allocate(1);
    long tight = fit.allocate(1_026 * 64 - 16);
    fit.allocate(1);
    fit.free(tight);
    fit.free(wide);
    assertThat(fit.allocate(1_025 * 64 - 16)).isEqualTo(tight);
  }

  @Test
  void secondFreeIsRefusedEvenAfterCoalescing() {
    long first = fit.allocate(100);
    long second = fit.allocate(100);
    long third = fit.allocate(100);
    fit.free(first);
    fit.free(third);
    fit.free(second);
    long freeBytes = fit.freeBytes();
    for (long offset : new long[] {first, second, third}) {
      assertThatThrownBy(() -> fit.free(offset))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("not in use");
    }
    assertThat(fit.freeBytes()).isEqualTo(freeBytes).isEqualTo(fit.usableBytes());
  }

  @Test
  void overwrittenTagIsNoticed() {
    long first = fit.allocate(100);
    long second = fit.allocate(100);
    slab.set(JAVA_LONG, second - 8, 0);
    assertThatThrownBy(() -> fit.free(first))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("overwritten");
    assertThatThrownBy(() -> fit.free(second))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("overwritten");
  }

  @Test
  void overwrittenLengthIsNoticed() {
    long first = fit.allocate(100);
    fit.allocate(100);
    slab.set(JAVA_LONG, first - 16, slab.get(JAVA_LONG, first - 16) + 1);
    assertThatThrownBy(() -> fit.free(first)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void writeToFreedBytesIsNoticed() {
    long first = fit.allocate(100);
    fit.allocate(1);
    fit.free(first);
    slab.asSlice(first, 100).fill((byte) 0xFF);
    assertThatThrownBy(() -> fit.allocate(100))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("written to after it was freed");
  }
}
