package io.kveik.server.codec;

import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** LZ4's block format, native where the library has it for this platform. */
final class Lz4Blocks implements Compressor {
  private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
  private final LZ4SafeDecompressor decompressor = LZ4Factory.fastestInstance().safeDecompressor();

  @Override
  public int maxCompressedLength(int length) {
    return compressor.maxCompressedLength(length);
  }

  @Override
  public int compress(ByteBuffer from, int at, int length, ByteBuffer to) {
    return compressor.compress(from, at, length, to, 0, to.capacity());
  }

  @Override
  public boolean decompress(
      ByteBuffer from, int at, int length, ByteBuffer to, int toAt, int toLength) {
    try {
      return decompressor.decompress(from, at, length, to, toAt, toLength) == toLength;
    } catch (LZ4Exception e) {
      return false;
    }
  }

  @Override
  public void close() {}
}
