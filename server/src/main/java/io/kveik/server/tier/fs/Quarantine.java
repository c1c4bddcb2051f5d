package io.kveik.server.tier.fs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.PriorityQueue;

/**
 * Where files that failed a check are kept out of reach for inspection: at most so many, the
 * newest. Any thread, one at a time. O(files kept) to open, O(1) to take one in.
 *
 * <p>Nothing here is synced: a file that is back in its old place after a power loss fails the same
 * check again.
 */
final class Quarantine {
  private static final int NUMBER_DIGITS = 16;

  private final BlockFiles files;
  private final Path directory;
  private final int limit;
  private final ArrayDeque<Path> kept = new ArrayDeque<>();
  private long nextNumber;
  private long taken;

  private Quarantine(BlockFiles files, Path directory, int limit) {
    this.files = files;
    this.directory = directory;
    this.limit = limit;
  }

  /** Goes on with what an earlier process left there, and deletes what exceeds the limit. */
  static Quarantine open(BlockFiles files, Path directory, int limit) throws IOException {
    Quarantine quarantine = new Quarantine(files, directory, limit);
    PriorityQueue<Path> newest = new PriorityQueue<>();
    files.list(
        directory,
        file -> {
          long number = numberOf(file);
          if (number < 0) {
            return;
          }
          quarantine.nextNumber = Math.max(quarantine.nextNumber, number + 1);
          newest.add(file);
          if (newest.size() > limit) {
            files.delete(newest.remove());
          }
        });
    while (!newest.isEmpty()) {
      quarantine.kept.add(newest.remove());
    }
    return quarantine;
  }

  /** Takes a file out of its place; it is deleted where it can't be moved. */
  synchronized void take(Path file) throws IOException {
    taken++;
    if (limit == 0) {
      files.delete(file);
      return;
    }
    String number = HexFormat.of().toHexDigits(nextNumber++);
    Path to = directory.resolve(number + "-" + file.getFileName());
    try {
      files.move(file, to);
    } catch (IOException e) {
      files.delete(file);
      return;
    }
    kept.add(to);
    if (kept.size() > limit) {
      files.delete(kept.remove());
    }
  }

  /** Files taken in since the opening. */
  synchronized long taken() {
    return taken;
  }

  private static long numberOf(Path file) {
    String name = String.valueOf(file.getFileName());
    if (!name.endsWith(FsLayout.BLOCK_SUFFIX) || name.indexOf('-') != NUMBER_DIGITS) {
      return -1;
    }
    try {
      return HexFormat.fromHexDigitsToLong(name, 0, NUMBER_DIGITS);
    } catch (IllegalArgumentException e) {
      return -1;
    }
  }
}
