package io.kveik.server.recording;

import java.nio.file.Path;

/**
 * What is recorded, and within which limits.
 *
 * @param directory made when absent; what is in it from before is kept, within {@code bytes}
 * @param sampleOneIn one chain in so many, chosen by its first block; at least 1
 * @param bytes most that all files together take, at least {@value #MIN_BYTES}
 * @param queueBlocks most blocks of requests that wait to be recorded
 * @param namespaces most whose block sizes are remembered
 * @param retryMillis after a failed write, until the next file is tried
 */
public record RecordingOptions(
    Path directory,
    int sampleOneIn,
    long bytes,
    int queueBlocks,
    int namespaces,
    long retryMillis) {
  /** The least that can be asked for. */
  public static final long MIN_BYTES = 1 << 20;

  private static final int FILES = 8;
  private static final int FRAMES_PER_FILE = 4;
  private static final long MAX_FILE_BYTES = 4 << 20;

  public RecordingOptions {
    if (sampleOneIn < 1 || bytes < MIN_BYTES) {
      throw new IllegalArgumentException(
          "sampleOneIn %d must be at least 1, bytes %d at least %d"
              .formatted(sampleOneIn, bytes, MIN_BYTES));
    }
  }

  /** Most bytes of one file. */
  int fileBytes() {
    return (int) Math.min(MAX_FILE_BYTES, bytes / FILES);
  }

  /** Most bytes of one frame, its header included. */
  int frameBytes() {
    return fileBytes() / FRAMES_PER_FILE;
  }
}
