package io.kveik.server.tier.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Everything the tier does to a file system, so that tests can break each step of it. Any thread.
 */
interface BlockFiles {
  /** Told each path of a listing. */
  @FunctionalInterface
  interface PathVisitor {
    void visit(Path path) throws IOException;
  }

  /**
   * Takes the lock file for this process, until the result is closed.
   *
   * @throws java.nio.file.FileSystemException with a clear reason when another holder has it
   */
  Closeable lock(Path file) throws IOException;

  /**
   * Learns what the file system can do, with the help of files in a directory of the tier's own.
   */
  void probe(Path directory) throws IOException;

  /** Returns false when it is there already. Its parent must exist. */
  boolean createDirectory(Path directory) throws IOException;

  /** Makes the directory's entries, as they are now, survive power loss. */
  void forceDirectory(Path directory) throws IOException;

  /** Tells each entry, lazily and in no order; entries that come and go meanwhile may be missed. */
  void list(Path directory, PathVisitor visitor) throws IOException;

  /** A new file to append to; it is an error when the name is taken. */
  BlockFile create(Path file) throws IOException;

  /**
   * Opens a file to read.
   *
   * @throws java.nio.file.NoSuchFileException when there is none
   */
  BlockFile open(Path file) throws IOException;

  /**
   * Gives a finished file its final name unless that is taken; the temporary name may or may not
   * remain. Atomic: no other process or crash sees half of it. The caller excludes other publishers
   * of the same name.
   *
   * @return false when the name is taken
   */
  boolean publish(Path temporary, Path name) throws IOException;

  /** Atomic within the file system; replaces what has the new name. */
  void move(Path from, Path to) throws IOException;

  /** Returns false when there was none. */
  boolean delete(Path file) throws IOException;

  /**
   * The length of a file.
   *
   * @throws java.nio.file.NoSuchFileException when there is none
   */
  long size(Path file) throws IOException;
}
