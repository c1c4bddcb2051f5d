package io.kveik.server.rpc.call;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.kveik.server.memory.ScratchCopy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;

/**
 * An encoded message whose bulk lies off-heap: some bytes of its own, a piece of a tier's memory,
 * some more bytes, the payload in a tier's memory. gRPC only takes byte arrays, so off-heap bytes
 * cross a small array that each thread keeps; nothing is allocated on the heap for them. Drained
 * once, on the calling thread, while the memory is leased.
 */
public final class PayloadMessage extends InputStream implements Drainable, KnownLength {
  private final byte[] head;
  private final MemorySegment middle;
  private final byte[] payloadHead;
  private final MemorySegment payload;
  private int remaining;

  /** The message is the four parts one behind the other. */
  public PayloadMessage(
      byte[] head, MemorySegment middle, byte[] payloadHead, MemorySegment payload) {
    this.head = head;
    this.middle = middle;
    this.payloadHead = payloadHead;
    this.payload = payload;
    this.remaining =
        Math.toIntExact(head.length + middle.byteSize() + payloadHead.length + payload.byteSize());
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    target.write(head);
    ScratchCopy.writeTo(middle, 0, middle.byteSize(), target);
    target.write(payloadHead);
    ScratchCopy.writeTo(payload, 0, payload.byteSize(), target);
    int drained = remaining;
    remaining = 0;
    return drained;
  }

  @Override
  public int available() {
    return remaining;
  }

  @Override
  public int read() {
    throw new IllegalStateException("gRPC drains a Drainable; nothing reads it");
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    return read();
  }
}
