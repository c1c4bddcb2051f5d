package io.kveik.server.tier.nvme;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;

/**
 * A segment on the real file system, open for as long as the tier is. An interrupt of a thread in
 * the middle of a transfer closes a {@link FileChannel} under everybody; the others go on with a
 * new one.
 */
final class DiskSegmentFile implements SegmentFile {
  private final Path path;
  private final Set<OpenOption> options;
  private volatile FileChannel channel;

  // Guarded by this.
  private boolean closed;

  DiskSegmentFile(Path path, Set<OpenOption> options) throws IOException {
    this.path = path;
    this.options = options;
    this.channel = FileChannel.open(path, options);
  }

  @FunctionalInterface
  private interface Transfer<T> {
    T on(FileChannel channel) throws IOException;
  }

  @Override
  public long size() throws IOException {
    return run(FileChannel::size);
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    return run(open -> open.read(into, position));
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    return run(open -> open.write(from, position));
  }

  @Override
  public void force() throws IOException {
    run(open -> {
      open.force(false);
      return 0;
    });
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }

  private <T> T run(Transfer<T> transfer) throws IOException {
    while (true) {
      if (Thread.currentThread().isInterrupted()) {
        throw new IOException("interrupted");
      }
      FileChannel open = channel;
      try {
        return transfer.on(open);
      } catch (ClosedChannelException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
        reopen(e);
      }
    }
  }

  private synchronized void reopen(ClosedChannelException cause) throws IOException {
    if (closed) {
      throw cause;
    }
    // Another thread may have been here first.
    if (!channel.isOpen()) {
      channel = FileChannel.open(path, options);
    }
  }
}
