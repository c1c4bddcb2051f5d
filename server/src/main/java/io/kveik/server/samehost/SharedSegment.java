package io.kveik.server.samehost;

import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A slab over one file on a tmpfs. The file's pages are taken when it is made: a mapping over pages
 * that the tmpfs has no room for would kill the process at the first touch. Any thread.
 */
final class SharedSegment {
  private static final int ZEROS_BYTES = 1 << 20;
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final int id;
  private final Path path;
  private final Slab slab;
  private final long baseAddress;

  private SharedSegment(int id, Path path, Slab slab, long baseAddress) {
    this.id = id;
    this.path = path;
    this.slab = slab;
    this.baseAddress = baseAddress;
  }

  /**
   * @throws IOException when the tmpfs has no room; nothing is left there then
   */
  static SharedSegment create(int id, Path path, long bytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            path,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            OWNER_ONLY)) {
      reserve(file, bytes);
      long[] base = new long[1];
      Slab slab =
          Slab.of(
              (arena, capacity) -> {
                try {
                  MemorySegment mapped =
                      file.map(FileChannel.MapMode.READ_WRITE, 0, capacity, arena);
                  base[0] = mapped.address();
                  return mapped;
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              bytes);
      return new SharedSegment(id, path, slab, base[0]);
    } catch (IOException | UncheckedIOException e) {
      Files.deleteIfExists(path);
      throw e instanceof UncheckedIOException unchecked ? unchecked.getCause() : (IOException) e;
    }
  }

  private static void reserve(FileChannel file, long bytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS_BYTES, bytes));
    for (long at = 0; at < bytes; ) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
      at += file.write(zeros, at);
    }
  }

  /** Distinct among all segments of a server. */
  int id() {
    return id;
  }

  Path path() {
    return path;
  }

  long capacityBytes() {
    return slab.capacityBytes();
  }

  /** Null when it has no room for that many bytes now, or never will. */
  @Nullable Lease allocate(long bytes) {
    return bytes > slab.maxAllocationBytes() ? null : slab.allocate(bytes);
  }

  /** Where in the file those bytes are. */
  long offsetOf(Lease lease) {
    return lease.segment().address() - baseAddress;
  }

  /**
   * Gives the memory back to the system.
   *
   * @param evenIfMapped true to take it from clients that still map it. Those must have no lease
   *     any more: touching it would kill them
   */
  void close(boolean evenIfMapped) throws IOException {
    slab.close();
    if (evenIfMapped && slab.liveLeases() == 0) {
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
        file.truncate(0);
      }
    }
    Files.deleteIfExists(path);
  }
}
