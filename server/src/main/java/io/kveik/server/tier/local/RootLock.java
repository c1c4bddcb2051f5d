package io.kveik.server.tier.local;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The right of one process, and one tier in it, to a root directory. The system drops it when the
 * process dies, however it dies. Idempotent to close; any thread.
 */
public final class RootLock implements Closeable {
  /**
   * What this process holds. Static because the lock it guards belongs to the process: POSIX drops
   * it when the process closes <em>any</em> descriptor of the file, so a second opener must be
   * turned away before it opens the file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path canonical;
  private final FileChannel channel;

  private RootLock(Path canonical, FileChannel channel) {
    this.canonical = canonical;
    this.channel = channel;
  }

  /**
   * @param file created when absent and never deleted: a deleted lock file could be locked twice
   * @throws FileSystemException when it is taken
   */
  public static RootLock take(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    Path canonical = parent == null ? file : parent.toRealPath().resolve(file.getFileName());
    if (!HELD.add(canonical)) {
      throw taken(file, "this process");
    }
    boolean held = false;
    FileChannel channel = null;
    try {
      channel = FileChannel.open(canonical, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw taken(file, "another process");
      }
      held = true;
      return new RootLock(canonical, channel);
    } finally {
      if (!held) {
        HELD.remove(canonical);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Only for a holder outside this class, such as a second class loader's copy of it.
      return null;
    }
  }

  private static FileSystemException taken(Path file, String holder) {
    return new FileSystemException(
        file.toString(), null, "the tier's root directory is in use by " + holder);
  }

  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      channel.close();
      HELD.remove(canonical);
    }
  }
}
