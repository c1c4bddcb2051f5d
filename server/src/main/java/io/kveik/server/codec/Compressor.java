package io.kveik.server.codec;

import java.nio.ByteBuffer;

/**
 * A general-purpose compressor of bytes between direct buffers; positions and limits are left
 * alone. One thread at a time.
 */
interface Compressor extends AutoCloseable {
  /** The most that {@link #compress} makes of that many bytes. */
  int maxCompressedLength(int length);

  /**
   * Compresses {@code length} bytes of {@code from}, from {@code at} on, to the start of {@code
   * to}.
   *
   * @param to with room for {@link #maxCompressedLength}
   * @return bytes written
   */
  int compress(ByteBuffer from, int at, int length, ByteBuffer to);

  /**
   * Decompresses bytes that may be anything; writes nowhere but to the {@code toLength} bytes of
   * {@code to} from {@code toAt} on.
   *
   * @return true when they were filled exactly
   */
  boolean decompress(ByteBuffer from, int at, int length, ByteBuffer to, int toAt, int toLength);

  @Override
  void close();
}
