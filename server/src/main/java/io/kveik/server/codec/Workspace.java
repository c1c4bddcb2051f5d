package io.kveik.server.codec;

import io.kveik.server.block.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * What encoding and decoding need besides the payload: some 600 KB of native memory and the
 * compressors. One thread at a time.
 */
final class Workspace implements AutoCloseable {
  private static final long ALIGNMENT_BYTES = 64;

  private final Arena arena = Arena.ofShared();
  private final Lz4Blocks lz4 = new Lz4Blocks();
  private final ZstdFrames zstd = ZstdFrames.ofAnything();
  private final ZstdFrames zstdOfFloats = ZstdFrames.ofFloats();
  private final Area planes = area(ChunkDescriptor.RAW_BYTES);
  private final Area compressed =
      area(
          Math.max(
              lz4.maxCompressedLength(ChunkDescriptor.RAW_BYTES),
              zstd.maxCompressedLength(ChunkDescriptor.RAW_BYTES)));
  private final MemorySegment sample = area(Sample.LIMIT_BYTES).bytes();

  /** Memory as both kinds of callers want it. */
  record Area(MemorySegment bytes, ByteBuffer buffer) {
    static Area of(MemorySegment bytes) {
      return new Area(bytes, bytes.asByteBuffer());
    }
  }

  /** Room for the planes of a chunk. */
  Area planes() {
    return planes;
  }

  /** Room for a compressed plane, even for one that grew. */
  Area compressed() {
    return compressed;
  }

  /** Room for an encoded {@link Sample}. */
  MemorySegment sample() {
    return sample;
  }

  /**
   * The compressor of that codec for numbers of that type; any of a codec's can decompress.
   *
   * @throws IllegalArgumentException for no codec
   */
  Compressor compressor(CodecKind codec, ElementType type) {
    return switch (codec) {
      case LZ4 -> lz4;
      case ZSTD -> type == ElementType.UNDECLARED ? zstd : zstdOfFloats;
      case NONE -> throw new IllegalArgumentException("nothing is compressed without a codec");
    };
  }

  @Override
  public void close() {
    lz4.close();
    zstd.close();
    zstdOfFloats.close();
    arena.close();
  }

  private Area area(long bytes) {
    return Area.of(arena.allocate(bytes, ALIGNMENT_BYTES));
  }
}
