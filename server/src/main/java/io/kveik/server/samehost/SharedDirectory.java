package io.kveik.server.samehost;

import io.kveik.server.runtime.Randomness;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;

/**
 * This server's own folder on a tmpfs, open to its user alone. It is locked while the server lives:
 * what a killed server left behind is unlocked, and the next one removes it.
 */
final class SharedDirectory implements AutoCloseable {
  static final String PREFIX = "kveik-";
  private static final String LOCK = "lock";
  private static final int NAME_BYTES = 16;
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path path;
  private final FileChannel lock;

  private SharedDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * @param parent a folder on a tmpfs, such as /dev/shm
   * @throws IOException when nothing can be made there
   */
  static SharedDirectory create(Path parent) throws IOException {
    removeAbandoned(parent);
    Path path = Files.createDirectory(parent.resolve(PREFIX + randomName()), OWNER_ONLY);
    FileChannel lock =
        FileChannel.open(
            path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    lock.lock();
    return new SharedDirectory(path, lock);
  }

  /** A path in it that nobody can guess and nothing has yet. */
  Path freshFile() {
    return path.resolve(randomName());
  }

  @Override
  public void close() throws IOException {
    lock.close();
    remove(path);
  }

  private static String randomName() {
    return HexFormat.of().formatHex(Randomness.secureBytes(NAME_BYTES));
  }

  private static void removeAbandoned(Path parent) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path one : all) {
        if (isAbandoned(one.resolve(LOCK))) {
          remove(one);
        }
      }
    }
  }

  /** False for what is in use, another user's, or still being made. */
  private static boolean isAbandoned(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock free = channel.tryLock()) {
      return free != null;
    } catch (IOException | OverlappingFileLockException notOurs) {
      return false;
    }
  }

  private static void remove(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }
}
