package io.kveik.client.data;

import io.kveik.client.data.frame.LentBody;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The server's shared files as this process maps them, for reading only. A file stays mapped until
 * this is closed; it has no pages any more once the server has given it up. Any thread.
 */
final class SegmentMaps implements AutoCloseable {
  /** Files of one server, of 64 MiB or more each. */
  private static final int MAX_MAPS = 65_536;

  private final Arena arena = Arena.ofShared();
  private final Map<String, MemorySegment> byPath = new ConcurrentHashMap<>();

  /**
   * The file that the block lies in.
   *
   * @throws IOException when it can't be mapped: another user's, or out of this process's sight
   */
  MemorySegment of(LentBody lent) throws IOException {
    MemorySegment known = byPath.get(lent.segmentPath());
    if (known != null && known.byteSize() == lent.segmentBytes()) {
      return known;
    }
    return map(lent);
  }

  private synchronized MemorySegment map(LentBody lent) throws IOException {
    MemorySegment known = byPath.get(lent.segmentPath());
    if (known != null) {
      return known;
    }
    if (byPath.size() == MAX_MAPS) {
      throw new IOException("shared memory: " + MAX_MAPS + " files are mapped, which is the limit");
    }
    try (FileChannel file =
        FileChannel.open(Path.of(lent.segmentPath()), StandardOpenOption.READ)) {
      if (file.size() < lent.segmentBytes()) {
        throw new IOException("shared memory: the server has given the file up");
      }
      MemorySegment mapped = file.map(FileChannel.MapMode.READ_ONLY, 0, lent.segmentBytes(), arena);
      byPath.put(lent.segmentPath(), mapped);
      return mapped;
    } catch (InvalidPathException e) {
      throw new IOException("shared memory: no path", e);
    }
  }

  /** Nobody may be reading any more. Idempotent. */
  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
