package io.kveik.bench.store;

import java.nio.ByteBuffer;

/**
 * The least that a store over a socket can say: what a run against it reaches is the limit of this
 * machine's sockets for the same calls.
 *
 * <pre>
 * request, big-endian, {@value #REQUEST_BYTES} bytes
 *  0       4         8              16
 *  | op    | length  | slot         | payload, length bytes, of a WRITE only
 *
 * answer:  READ  the slot's payload, length bytes
 *          WRITE, LOOKUP  {@value #ACK_BYTES} bytes of any content
 * </pre>
 *
 * <p>Slots are the blocks of the working set by number; a payload for any other slot is received
 * and dropped. There is no version: both ends are always of the same build.
 */
public final class SlotProtocol {
  /** Bytes of a request without payload. */
  public static final int REQUEST_BYTES = 16;

  /** Bytes of the answer to what reads nothing. */
  public static final int ACK_BYTES = 8;

  /** Asks for the payload of a slot. */
  public static final int READ = 0;

  /** Brings a payload for a slot. */
  public static final int WRITE = 1;

  /** Asks for nothing but an answer. */
  public static final int LOOKUP = 2;

  private SlotProtocol() {}

  /** A request, ready to be sent. */
  static ByteBuffer request(int op, int length, long slot) {
    return ByteBuffer.allocate(REQUEST_BYTES).putInt(op).putInt(length).putLong(slot).flip();
  }
}
