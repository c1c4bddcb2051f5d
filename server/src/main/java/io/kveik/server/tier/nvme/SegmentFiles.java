package io.kveik.server.tier.nvme;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything the tier does to a file system, so that tests can break each step of it. Any thread.
 */
interface SegmentFiles {
  /**
   * Takes the lock file for this process, until the result is closed.
   *
   * @throws java.nio.file.FileSystemException with a clear reason when another holder has it
   */
  Closeable lock(Path file) throws IOException;

  /** Makes a directory and those above it; no effect where there is one. */
  void createDirectories(Path directory) throws IOException;

  /** Makes the directory's entries, as they are now, survive power loss. */
  void forceDirectory(Path directory) throws IOException;

  /** The same for every directory on the way to this one and for this one. */
  void forceWayTo(Path directory) throws IOException;

  /** All entries, in no order. */
  List<Path> list(Path directory) throws IOException;

  /**
   * A new file of that length, with room on the disk for all of it where the file system can
   * promise that; its content reads as zeroes. An error when the name is taken.
   */
  SegmentFile create(Path file, long lengthBytes) throws IOException;

  /** Opens a file to read and write. */
  SegmentFile open(Path file) throws IOException;

  /** No effect when there is none. */
  void delete(Path file) throws IOException;

  /**
   * What address, position and length of each transfer must be multiples of: 1 where nothing has to
   * be. Known once {@link #probe} has run.
   */
  int alignmentBytes();

  /** Whether {@link SegmentFile#writeGathered} takes that piece, and it is worth the call. */
  boolean gathers(MemorySegment piece);

  /** Learns what the file system can do, with the help of a file of its own. */
  void probe(Path directory) throws IOException;
}
