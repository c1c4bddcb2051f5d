package io.kveik.server.cache;

/**
 * How blocks move between DRAM and the tiers below.
 *
 * @param promotion which blocks read from below enter DRAM
 * @param lowWatermarkPercent demotion begins when less than this share of DRAM is free
 * @param highWatermarkPercent and goes on until this share is; at least the low one
 * @param behindBytesPerSecond what background work may write to or read from one tier; 0: no bound
 * @param behindPauseMillis while reads of a tier go on, background work on it starts one block at a
 *     time and at most one in this time; 0: it takes no notice of reads
 * @param prefetchesInFlight blocks that are fetched at a time that nobody waits for
 * @param prefetchBytes what waits for that and is under way, at most; a block counts as the largest
 *     seen
 */
public record MovementOptions(
    Promotion promotion,
    int lowWatermarkPercent,
    int highWatermarkPercent,
    long behindBytesPerSecond,
    long behindPauseMillis,
    int prefetchesInFlight,
    long prefetchBytes) {
  /** Everything is promoted, and background work goes as fast as it can. */
  public static final MovementOptions UNBOUNDED =
      new MovementOptions(Promotion.ALWAYS, 4, 6, 0, 0, 4, 1 << 20);

  public MovementOptions {
    if (lowWatermarkPercent < 0
        || highWatermarkPercent < lowWatermarkPercent
        || highWatermarkPercent > MAX_WATERMARK_PERCENT) {
      throw new IllegalArgumentException(
          "watermarks low=%d, high=%d: must be 0 <= low <= high <= %d"
              .formatted(lowWatermarkPercent, highWatermarkPercent, MAX_WATERMARK_PERCENT));
    }
  }

  /** More than this kept free would be memory not bought for it. */
  public static final int MAX_WATERMARK_PERCENT = 50;

  public MovementOptions with(Promotion other) {
    return new MovementOptions(
        other,
        lowWatermarkPercent,
        highWatermarkPercent,
        behindBytesPerSecond,
        behindPauseMillis,
        prefetchesInFlight,
        prefetchBytes);
  }
}
