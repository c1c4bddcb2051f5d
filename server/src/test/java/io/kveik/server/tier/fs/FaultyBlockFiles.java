package io.kveik.server.tier.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The real file system, but the calls chosen fail, and reads and writes may be short. One thread.
 */
final class FaultyBlockFiles implements BlockFiles {
  /** What fails, counted from the last {@link #arm}. */
  enum Mode {
    /** That call alone. */
    ONCE,
    /** That call and all after it: the disk is gone. */
    FROM_THEN_ON
  }

  private final BlockFiles real;
  private Mode mode = Mode.ONCE;
  private long failAt = Long.MAX_VALUE;
  private long calls;
  private String message = "";
  private int maxTransferBytes = Integer.MAX_VALUE;
  private boolean directoriesFail;
  private long forcedDirectories;

  FaultyBlockFiles(BlockFiles real) {
    this.real = real;
  }

  /** Fails from the call with that number on, the next one being 1. */
  void arm(Mode failing, long nth, String errno) {
    mode = failing;
    failAt = nth;
    message = errno;
    calls = 0;
  }

  /** Each sync of a directory fails, and nothing else. */
  void failForcedDirectories(String errno) {
    directoriesFail = true;
    message = errno;
  }

  void disarm() {
    failAt = Long.MAX_VALUE;
    directoriesFail = false;
  }

  /** Syncs of directories that succeeded. */
  long forcedDirectories() {
    return forcedDirectories;
  }

  /** Whether the fault has come up since it was armed. */
  boolean hit() {
    return calls >= failAt;
  }

  /** No read or write moves more than that at a time. */
  void limitTransfers(int bytes) {
    maxTransferBytes = bytes;
  }

  private void step() throws IOException {
    calls++;
    if (mode == Mode.ONCE ? calls == failAt : calls >= failAt) {
      throw new IOException(message);
    }
  }

  @Override
  public Closeable lock(Path file) throws IOException {
    step();
    return real.lock(file);
  }

  @Override
  public void probe(Path directory) throws IOException {
    step();
    real.probe(directory);
  }

  @Override
  public boolean createDirectory(Path directory) throws IOException {
    step();
    return real.createDirectory(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    step();
    if (directoriesFail) {
      throw new IOException(message);
    }
    real.forceDirectory(directory);
    forcedDirectories++;
  }

  @Override
  public void list(Path directory, PathVisitor visitor) throws IOException {
    step();
    real.list(directory, visitor);
  }

  @Override
  public BlockFile create(Path file) throws IOException {
    step();
    return new FaultyFile(real.create(file));
  }

  @Override
  public BlockFile open(Path file) throws IOException {
    step();
    return new FaultyFile(real.open(file));
  }

  @Override
  public boolean publish(Path temporary, Path name) throws IOException {
    step();
    return real.publish(temporary, name);
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    step();
    real.move(from, to);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    step();
    return real.delete(file);
  }

  @Override
  public long size(Path file) throws IOException {
    step();
    return real.size(file);
  }

  private final class FaultyFile implements BlockFile {
    private final BlockFile file;

    FaultyFile(BlockFile file) {
      this.file = file;
    }

    @Override
    public long size() throws IOException {
      step();
      return file.size();
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
      step();
      int limit = into.limit();
      into.limit(Math.min(limit, into.position() + Math.min(into.remaining(), maxTransferBytes)));
      try {
        return file.read(into, offset);
      } finally {
        into.limit(limit);
      }
    }

    @Override
    public long write(ByteBuffer... from) throws IOException {
      step();
      for (ByteBuffer buffer : from) {
        if (buffer.hasRemaining()) {
          int limit = buffer.limit();
          buffer.limit(buffer.position() + Math.min(buffer.remaining(), maxTransferBytes));
          try {
            return file.write(buffer);
          } finally {
            buffer.limit(limit);
          }
        }
      }
      return 0;
    }

    @Override
    public void force() throws IOException {
      step();
      file.force();
    }

    /** Closes whatever it answers, as the system does. */
    @Override
    public void close() throws IOException {
      file.close();
      step();
    }
  }
}
