package io.kveik.server.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;

/**
 * Zstandard frames, without checksums of their own. Contexts are native memory that is kept from
 * call to call.
 */
final class ZstdFrames implements Compressor {
  /** Higher levels look longer for repetitions, and cost more than slow tiers would gain. */
  private static final int LEVEL = 1;

  /** The longest that a repetition can be asked to have, and the smallest table to find it by. */
  private static final int LONGEST_MIN_MATCH = 7;

  private static final int SMALLEST_HASH_LOG = 6;

  private final ZstdCompressCtx compressor;
  private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

  private ZstdFrames(ZstdCompressCtx compressor) {
    this.compressor = compressor;
  }

  /** Looks for repetitions. */
  static ZstdFrames ofAnything() {
    return new ZstdFrames(new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false));
  }

  /**
   * Hardly looks for repetitions. Those that there are in floats are short and by chance: coding
   * them costs three times the time and makes the result longer than entropy coding alone.
   */
  static ZstdFrames ofFloats() {
    return new ZstdFrames(
        new ZstdCompressCtx()
            .setLevel(LEVEL)
            .setChecksum(false)
            .setMinMatch(LONGEST_MIN_MATCH)
            .setHashLog(SMALLEST_HASH_LOG));
  }

  @Override
  public int maxCompressedLength(int length) {
    return Math.toIntExact(Zstd.compressBound(length));
  }

  @Override
  public int compress(ByteBuffer from, int at, int length, ByteBuffer to) {
    return compressor.compressDirectByteBuffer(to, 0, to.capacity(), from, at, length);
  }

  @Override
  public boolean decompress(
      ByteBuffer from, int at, int length, ByteBuffer to, int toAt, int toLength) {
    try {
      return decompressor.decompressDirectByteBuffer(to, toAt, toLength, from, at, length)
          == toLength;
    } catch (ZstdException e) {
      return false;
    }
  }

  @Override
  public void close() {
    compressor.close();
    decompressor.close();
  }
}
