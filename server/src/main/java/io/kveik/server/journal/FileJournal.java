package io.kveik.server.journal;

import io.kveik.server.cache.Journal;
import io.kveik.server.cache.KeptSetting;
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
 * A journal as a file of records of one length ({@link RecordFormat}), synced before a call
 * returns: one sync for however many entries it brings.
 *
 * <p>A record that fails its check is passed over when the file is opened: at the end it is the
 * torn tail of an append that was never answered, elsewhere the disk's doing, and counted. The file
 * is written anew beside itself and renamed. Not thread-safe; blocks on I/O.
 */
public final class FileJournal<T> implements Journal<T> {
  public static final String DELETIONS = "deletions.log";
  public static final String SETTINGS = "settings.log";
  private static final int BATCH_RECORDS = 1_024;

  private final Path file;
  private final RecordFormat<T> format;
  private final List<T> recovered = new ArrayList<>();
  private FileChannel channel;
  private long records;
  private int damaged;

  private FileJournal(Path file, RecordFormat<T> format) throws IOException {
    this.file = file;
    this.format = format;
    this.channel = open(file);
  }

  /**
   * Opens what tiers have yet to remove ({@link DeletionRecordDescriptor}), made when absent.
   *
   * @throws IOException when the file can't be read or written
   */
  public static FileJournal<OwedRemoval> deletions(Path directory) throws IOException {
    return open(directory.resolve(DELETIONS), new DeletionRecordDescriptor());
  }

  /**
   * Opens what control operations have set ({@link SettingRecordDescriptor}), made when absent.
   *
   * @throws IOException when the file can't be read or written
   */
  public static FileJournal<KeptSetting> settings(Path directory) throws IOException {
    return open(directory.resolve(SETTINGS), new SettingRecordDescriptor());
  }

  private static <T> FileJournal<T> open(Path file, RecordFormat<T> format) throws IOException {
    FileJournal<T> journal = new FileJournal<>(file, format);
    boolean opened = false;
    try {
      journal.recover();
      forceDirectory(file);
      opened = true;
      return journal;
    } finally {
      if (!opened) {
        journal.close();
      }
    }
  }

  @Override
  public List<T> recovered() {
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
  public void append(Collection<? extends T> entries) throws IOException {
    write(channel, records * format.length(), entries);
    channel.force(true);
    records += entries.size();
  }

  @Override
  public void rewrite(Collection<? extends T> entries) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    FileChannel target = open(fresh);
    boolean replaced = false;
    try {
      target.truncate(0);
      write(target, 0, entries);
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
    records = entries.size();
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
    ByteBuffer batch = ByteBuffer.allocate(BATCH_RECORDS * format.length());
    long whole = channel.size() / format.length();
    int unread = 0;
    for (long at = 0; at < whole; ) {
      batch.clear().limit((int) Math.min(batch.capacity(), (whole - at) * format.length()));
      readFully(batch, at * format.length());
      for (batch.flip(); batch.hasRemaining(); at++) {
        var entry = format.decode(batch);
        batch.position(batch.position() + format.length());
        if (entry.isPresent()) {
          recovered.add(entry.get());
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

  private void write(FileChannel target, long offset, Collection<? extends T> entries)
      throws IOException {
    ByteBuffer batch = ByteBuffer.allocate(BATCH_RECORDS * format.length());
    long at = offset;
    for (T entry : entries) {
      format.encode(entry, batch);
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
