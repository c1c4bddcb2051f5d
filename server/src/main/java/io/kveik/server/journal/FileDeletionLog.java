package io.kveik.server.journal;

import io.kveik.server.cache.DeletionLog;
import io.kveik.server.cache.OwedRemoval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The deletion log as a file of records ({@link DeletionRecordDescriptor}), synced before a call
 * returns.
 *
 * <p>A record that fails its check is passed over when the file is opened: at the end it is the
 * torn tail of an append that was never answered, elsewhere the disk's doing, and counted. The file
 * is written anew beside itself and renamed. Not thread-safe; blocks on I/O.
 */
public final class FileDeletionLog implements DeletionLog {
  private static final int BATCH_RECORDS = 1_024;

  private final Path file;
  private final List<OwedRemoval> recovered = new ArrayList<>();
  private FileChannel channel;
  private long records;
  private int damaged;

  private FileDeletionLog(Path file) throws IOException {
    this.file = file;
    this.channel = open(file);
  }

  /**
   * Opens the log, made when absent.
   *
   * @throws IOException when the file can't be read or written
   */
  public static FileDeletionLog open(Path directory, String name) throws IOException {
    FileDeletionLog log = new FileDeletionLog(directory.resolve(name));
    boolean opened = false;
    try {
      log.recover();
      forceDirectory(log.file);
      opened = true;
      return log;
    } finally {
      if (!opened) {
        log.close();
      }
    }
  }

  @Override
  public List<OwedRemoval> recovered() {
    return List.copyOf(recovered);
  }

  /** Records that failed their check when the file was opened, a torn tail not counted. */
  public int damaged() {
    return damaged;
  }

  @Override
  public long records() {
    return records;
  }

  @Override
  public void append(Collection<OwedRemoval> removals) throws IOException {
    long end = records * DeletionRecordDescriptor.LENGTH;
    write(channel, end, removals);
    channel.force(true);
    records += removals.size();
  }

  @Override
  public void rewrite(Collection<OwedRemoval> removals) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    FileChannel target = open(fresh);
    boolean replaced = false;
    try {
      target.truncate(0);
      write(target, 0, removals);
      target.force(true);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      replaced = true;
    } finally {
      if (!replaced) {
        target.close();
      }
    }
    channel.close();
    channel = target;
    records = removals.size();
    forceDirectory(file);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void recover() throws IOException {
    ByteBuffer batch = ByteBuffer.allocate(BATCH_RECORDS * DeletionRecordDescriptor.LENGTH);
    long whole = channel.size() / DeletionRecordDescriptor.LENGTH;
    int unread = 0;
    for (long at = 0; at < whole; ) {
      batch
          .clear()
          .limit((int) Math.min(batch.capacity(), (whole - at) * DeletionRecordDescriptor.LENGTH));
      readFully(batch, at * DeletionRecordDescriptor.LENGTH);
      for (batch.flip(); batch.hasRemaining(); at++) {
        var removal = DeletionRecordDescriptor.decode(batch);
        batch.position(batch.position() + DeletionRecordDescriptor.LENGTH);
        if (removal.isPresent()) {
          recovered.add(removal.get());
          damaged += unread;
          unread = 0;
          records = at + 1;
        } else {
          unread++;
        }
      }
    }
  }

  private void readFully(ByteBuffer into, long offset) throws IOException {
    long at = offset;
    while (into.hasRemaining()) {
      int read = channel.read(into, at);
      if (read < 0) {
        throw new IOException(file + " became shorter while it was read");
      }
      at += read;
    }
  }

  private static void write(FileChannel target, long offset, Collection<OwedRemoval> removals)
      throws IOException {
    ByteBuffer batch = ByteBuffer.allocate(BATCH_RECORDS * DeletionRecordDescriptor.LENGTH);
    long at = offset;
    for (OwedRemoval removal : removals) {
      DeletionRecordDescriptor.encode(removal, batch);
      if (!batch.hasRemaining()) {
        at = flush(target, at, batch);
      }
    }
    flush(target, at, batch);
  }

  private static long flush(FileChannel target, long offset, ByteBuffer batch) throws IOException {
    long at = offset;
    batch.flip();
    while (batch.hasRemaining()) {
      at += target.write(batch, at);
    }
    batch.clear();
    return at;
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static void forceDirectory(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }
}
