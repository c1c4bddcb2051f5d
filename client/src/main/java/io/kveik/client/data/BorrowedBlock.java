package io.kveik.client.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.kveik.client.data.frame.LentBody;
import io.kveik.client.data.frame.SharedBlockDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.zip.CRC32C;

/**
 * A block in the server's own memory, lent for a while. Read-only. Good until the reader that it
 * was given to returns, or its lease ends, whichever is first.
 */
public final class BorrowedBlock {
  private static final VarHandle GENERATION = JAVA_LONG.varHandle();

  private final LentBody lent;
  private final MemorySegment block;
  private final long endNanos;

  /**
   * @param segment the whole of the file that it lies in
   * @param endNanos of the lease, on {@link System#nanoTime}'s clock
   */
  BorrowedBlock(LentBody lent, MemorySegment segment, long endNanos) {
    this.lent = lent;
    this.block =
        segment.asSlice(
            lent.offset(),
            (long) SharedBlockDescriptor.PAYLOAD_OFFSET
                + lent.payloadBytes()
                + lent.metadataBytes());
    this.endNanos = endNanos;
  }

  /** The KV bytes where the server has them; what is read is the block only if {@link #isValid}. */
  public MemorySegment payload() {
    return block.asSlice(SharedBlockDescriptor.PAYLOAD_OFFSET, lent.payloadBytes());
  }

  /** A copy of what the writer gave with the block. */
  public byte[] metadata() {
    return block
        .asSlice(
            (long) SharedBlockDescriptor.PAYLOAD_OFFSET + lent.payloadBytes(), lent.metadataBytes())
        .toArray(JAVA_BYTE);
  }

  public int payloadBytes() {
    return lent.payloadBytes();
  }

  public int tokenCount() {
    return lent.tokenCount();
  }

  /** The writer's checksum of the payload. */
  public int payloadCrc32c() {
    return lent.payloadCrc32c();
  }

  /**
   * True when everything that has been read of it so far was this block's. To be asked after
   * reading; it is asked once more when the reader returns.
   */
  public boolean isValid() {
    // What was read before must not be read again after the generation.
    VarHandle.loadLoadFence();
    return System.nanoTime() - endNanos < 0
        && (long) GENERATION.getAcquire(block, (long) SharedBlockDescriptor.GENERATION_OFFSET)
            == lent.generation();
  }

  long leaseId() {
    return lent.leaseId();
  }

  static boolean matches(MemorySegment payload, int crc32c) {
    CRC32C crc = new CRC32C();
    crc.update(payload.asByteBuffer());
    return (int) crc.getValue() == crc32c;
  }
}
