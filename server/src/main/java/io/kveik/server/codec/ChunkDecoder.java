package io.kveik.server.codec;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Reads chunks as {@link ChunkDescriptor} lays them out, from bytes that may be anything. One
 * thread.
 */
final class ChunkDecoder {
  private final Workspace workspace;
  private final Compressor compressor;
  private final int width;

  /**
   * @param width byte planes: 1, 2 or 4
   */
  ChunkDecoder(Workspace workspace, Compressor compressor, int width) {
    this.workspace = workspace;
    this.compressor = compressor;
    this.width = width;
  }

  /**
   * Fills the target from all of those bytes; writes nowhere else.
   *
   * @return what is wrong with them; null when nothing is
   */
  @Nullable String decode(MemorySegment encoded, MemorySegment target) {
    Workspace.Area in = Workspace.Area.of(encoded);
    int at = 0;
    for (long to = 0; to < target.byteSize(); to += ChunkDescriptor.RAW_BYTES) {
      long bytes = Math.min(ChunkDescriptor.RAW_BYTES, target.byteSize() - to);
      int next = decodeChunk(in, at, target.asSlice(to, bytes));
      if (next < 0) {
        return "the chunk at byte %d of %d is damaged".formatted(at, encoded.byteSize());
      }
      at = next;
    }
    return at == encoded.byteSize()
        ? null
        : "%d bytes follow the last chunk".formatted(encoded.byteSize() - at);
  }

  /**
   * @return where the chunk ends; below 0 when it can't be one
   */
  private int decodeChunk(Workspace.Area in, int start, MemorySegment raw) {
    int planeBytes = ChunkDescriptor.planeBytes((int) raw.byteSize(), width);
    long body = (long) planeBytes * width;
    long tailBytes = raw.byteSize() - body;
    long left = in.bytes().byteSize() - start - ChunkDescriptor.headBytes(width) - tailBytes;
    if (left < 0) {
      return -1;
    }
    Workspace.Area planes =
        width == 1 ? Workspace.Area.of(raw.asSlice(0, body)) : workspace.planes();
    int at = start + ChunkDescriptor.headBytes(width);
    for (int plane = 0; plane < width; plane++) {
      int length =
          in.bytes().get(ChunkEncoder.LENGTH, start + ChunkDescriptor.planeLengthOffset(plane));
      if (length < 0 || length > planeBytes || length > left) {
        return -1;
      }
      if (!decodePlane(in, at, length, planes, plane * planeBytes, planeBytes)) {
        return -1;
      }
      at += length;
      left -= length;
    }
    if (width > 1) {
      BytePlanes.join(planes.bytes().asSlice(0, body), raw.asSlice(0, body), width);
    }
    MemorySegment.copy(in.bytes(), at, raw, body, tailBytes);
    return at + (int) tailBytes;
  }

  private boolean decodePlane(
      Workspace.Area in, int at, int length, Workspace.Area planes, int start, int planeBytes) {
    if (length == planeBytes) {
      MemorySegment.copy(in.bytes(), at, planes.bytes(), start, length);
      return true;
    }
    return compressor.decompress(in.buffer(), at, length, planes.buffer(), start, planeBytes);
  }
}
