package io.kveik.server.cache;

/**
 * How much of DRAM is to be free, as the options say but never less than room for a few of the
 * largest blocks seen, however small DRAM is. Any thread.
 */
final class Watermarks {
  private static final int LEAST_BLOCKS = 2;
  private static final int PERCENT = 100;

  private final HotMemory hot;
  private final MovementOptions options;

  Watermarks(HotMemory hot, MovementOptions options) {
    this.hot = hot;
    this.options = options;
  }

  long lowBytes() {
    return Math.max(
        hot.capacityBytes() / PERCENT * options.lowWatermarkPercent(),
        LEAST_BLOCKS * hot.largestBytes());
  }

  long highBytes() {
    return Math.max(
        hot.capacityBytes() / PERCENT * options.highWatermarkPercent(),
        lowBytes() + LEAST_BLOCKS * hot.largestBytes());
  }
}
