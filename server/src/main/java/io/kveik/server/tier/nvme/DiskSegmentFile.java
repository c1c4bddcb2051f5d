package io.kveik.server.tier.nvme;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A segment on the real file system, open for as long as the tier is. An interrupt of a thread in
 * the middle of a transfer closes a {@link FileChannel} under everybody; the others go on with a
 * new one.
 */
final class DiskSegmentFile implements SegmentFile {
  private final Path path;
  private final Set<OpenOption> options;
  private volatile FileChannel channel;

  private final boolean direct;

  /** The same file once more, while records are gathered into it. */
  private volatile @Nullable GatheringFile gathering;

  // Guarded by this.
  private boolean closed;

  DiskSegmentFile(Path path, Set<OpenOption> options, boolean direct) throws IOException {
    this.path = path;
    this.options = options;
    this.direct = direct;
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
  public void writeGathered(List<MemorySegment> pieces, long position) throws IOException {
    GatheringFile open = gathering;
    (open == null ? openGathering() : open).write(pieces, position);
  }

  private synchronized GatheringFile openGathering() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    GatheringFile open = gathering;
    if (open == null) {
      open = GatheringFile.open(path, direct);
      gathering = open;
    }
    return open;
  }

  @Override
  public synchronized void rest() throws IOException {
    GatheringFile open = gathering;
    gathering = null;
    if (open != null) {
      open.close();
    }
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
    try (FileChannel _ = channel) {
      rest();
    }
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
