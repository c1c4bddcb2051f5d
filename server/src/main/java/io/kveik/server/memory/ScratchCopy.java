package io.kveik.server.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Writes off-heap bytes to an {@link OutputStream}, which only takes arrays, through a small array
 * that stays in the processor's cache.
 *
 * <p>Copies: each byte is copied once, from the segment into the array; what the stream does with
 * the array is its own (gRPC's framer copies it into a network buffer). The array has {@value
 * #SCRATCH_BYTES} bytes and is kept per platform thread; a virtual thread, of which there may be
 * any number, gets one per call and no longer than the bytes to write. O(length).
 */
public final class ScratchCopy {

  static final int SCRATCH_BYTES = 16 * 1024;

  private static final ThreadLocal<byte[]> SCRATCH =
      ThreadLocal.withInitial(() -> new byte[SCRATCH_BYTES]);

  private ScratchCopy() {}

  /**
   * Writes {@code length} bytes of the segment from {@code offset} on, in pieces of at most 16 KiB.
   *
   * @param out must be done with the array when its {@code write} returns, and must not call this
   *     method from there
   * @throws IndexOutOfBoundsException if the part is not inside the segment; nothing is written
   *     then
   * @throws IOException what the stream throws
   */
  public static void writeTo(MemorySegment from, long offset, long length, OutputStream out)
      throws IOException {
    Objects.checkFromIndexSize(offset, length, from.byteSize());
    byte[] scratch =
        Thread.currentThread().isVirtual()
            ? new byte[(int) Math.min(SCRATCH_BYTES, length)]
            : SCRATCH.get();
    long end = offset + length;
    int piece;
    for (long at = offset; at < end; at += piece) {
      piece = (int) Math.min(scratch.length, end - at);
      MemorySegment.copy(from, JAVA_BYTE, at, scratch, 0, piece);
      out.write(scratch, 0, piece);
    }
  }
}
