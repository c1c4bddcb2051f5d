package io.kveik.server.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;

/**
 * Zstandard frames at level 1, without checksums of their own. Its contexts are native memory (some
 * 600 KB) that is kept from call to call.
 */
final class ZstdFrames implements Compressor {
  /** Higher levels look for more repetitions, which floats don't have. */
  private static final int LEVEL = 1;

  private final ZstdCompressCtx compressor =
      new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false);
  private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

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
