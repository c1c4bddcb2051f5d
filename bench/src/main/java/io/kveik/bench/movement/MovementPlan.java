package io.kveik.bench.movement;

import io.kveik.bench.run.Bounds;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What to measure.
 *
 * @param directory for the blocks; what is made in it is removed
 * @param tier below memory
 * @param blocks read, at random; none of them in memory
 * @param blockBytes payload of each
 * @param readers threads that read
 * @param seconds of each turn
 * @param rounds each with one turn of every {@link Background}
 * @param pauseMillis how far apart background work is kept while reads go on
 * @param seed of what is read
 */
public record MovementPlan(
    Path directory,
    DiskTier tier,
    int blocks,
    int blockBytes,
    int readers,
    int seconds,
    int rounds,
    long pauseMillis,
    long seed) {
  /**
   * Checks bounds.
   *
   * @throws IllegalArgumentException that names field, value and limits
   */
  public MovementPlan {
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException("data-dir is " + directory + ", not a directory");
    }
    Bounds.within("blocks", blocks, 1, 1_000_000);
    Bounds.within("block-bytes", blockBytes, 1, 64 << 20);
    Bounds.within("concurrency", readers, 1, 256);
    Bounds.within("seconds", seconds, 1, 3_600);
    Bounds.within("rounds", rounds, 1, 1_000);
    Bounds.within("pause-millis", pauseMillis, 0, 10_000);
  }
}
