package io.kveik.server.codec;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Writes chunks as {@link ChunkDescriptor} lays them out. One thread. */
final class ChunkEncoder {
  static final long TOO_LONG = -1;
  static final ValueLayout.OfInt LENGTH = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Workspace workspace;
  private final Compressor compressor;
  private final int width;

  /**
   * @param width byte planes: 1, 2 or 4
   */
  ChunkEncoder(Workspace workspace, Compressor compressor, int width) {
    this.workspace = workspace;
    this.compressor = compressor;
    this.width = width;
  }

  /**
   * Encodes bytes to the start of {@code out}.
   *
   * @return bytes written, or {@link #TOO_LONG} when there is no room for them
   */
  long encode(MemorySegment raw, MemorySegment out) {
    long at = 0;
    for (long from = 0; from < raw.byteSize(); from += ChunkDescriptor.RAW_BYTES) {
      long bytes = Math.min(ChunkDescriptor.RAW_BYTES, raw.byteSize() - from);
      long length = encodeChunk(raw.asSlice(from, bytes), out.asSlice(at));
      if (length == TOO_LONG) {
        return TOO_LONG;
      }
      at += length;
    }
    return at;
  }

  private long encodeChunk(MemorySegment raw, MemorySegment out) {
    int planeBytes = ChunkDescriptor.planeBytes((int) raw.byteSize(), width);
    long body = (long) planeBytes * width;
    long tailBytes = raw.byteSize() - body;
    long at = ChunkDescriptor.headBytes(width);
    if (out.byteSize() < at + tailBytes) {
      return TOO_LONG;
    }
    Workspace.Area planes = planes(raw.asSlice(0, body));
    for (int plane = 0; plane < width; plane++) {
      MemorySegment stored = shortest(planes, plane * planeBytes, planeBytes);
      long length = stored.byteSize();
      if (out.byteSize() < at + length + tailBytes) {
        return TOO_LONG;
      }
      out.set(LENGTH, ChunkDescriptor.planeLengthOffset(plane), (int) length);
      MemorySegment.copy(stored, 0, out, at, length);
      at += length;
    }
    MemorySegment.copy(raw, body, out, at, tailBytes);
    return at + tailBytes;
  }

  private Workspace.Area planes(MemorySegment body) {
    if (width == 1) {
      return Workspace.Area.of(body);
    }
    BytePlanes.split(body, workspace.planes().bytes().asSlice(0, body.byteSize()), width);
    return workspace.planes();
  }

  /** A plane compressed, or as it is when that is no longer. */
  private MemorySegment shortest(Workspace.Area planes, int start, int planeBytes) {
    Workspace.Area compressed = workspace.compressed();
    int length =
        planeBytes == 0
            ? 0
            : compressor.compress(planes.buffer(), start, planeBytes, compressed.buffer());
    return length < planeBytes
        ? compressed.bytes().asSlice(0, length)
        : planes.bytes().asSlice(start, planeBytes);
  }
}
