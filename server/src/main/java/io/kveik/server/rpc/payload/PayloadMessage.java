package io.kveik.server.rpc.payload;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.kveik.client.http2.PayloadAllocator;
import io.kveik.server.memory.ScratchCopy;
import io.kveik.server.tier.StoredBlock;
import io.netty.buffer.CompositeByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;

/**
 * An encoded message whose bulk lies in a tier's memory: some bytes of its own, a piece of the
 * block, some more bytes, another piece.
 *
 * <p>On a connection with a {@link PayloadAllocator} the pieces are not copied at all: they become
 * part of the transport's buffer, under a lease that ends when they are sent. Elsewhere (a
 * compressed message, another transport) they cross a small array that each thread keeps. Either
 * way nothing is allocated on the heap for them.
 *
 * <p>Drained once, on the thread that made it and before that makes another, while the block is
 * leased.
 */
public final class PayloadMessage extends InputStream implements Drainable, KnownLength {
  private final StoredBlock block;
  private final byte[] head;
  private final MemorySegment middle;
  private final byte[] payloadHead;
  private final MemorySegment payload;
  private int remaining;

  /**
   * The message is the four parts one behind the other.
   *
   * @param middle of the block's memory; may be empty
   * @param payload of the block's memory; may be empty
   */
  public PayloadMessage(
      StoredBlock block,
      byte[] head,
      MemorySegment middle,
      byte[] payloadHead,
      MemorySegment payload) {
    this.block = block;
    this.head = head;
    this.middle = middle;
    this.payloadHead = payloadHead;
    this.payload = payload;
    this.remaining =
        Math.toIntExact(head.length + middle.byteSize() + payloadHead.length + payload.byteSize());
    PayloadAllocator.announce(head.length);
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    CompositeByteBuf buffer = PayloadAllocator.writeHead(head, target);
    if (buffer != null) {
      share(middle, buffer);
      buffer.addComponent(
          true, buffer.alloc().directBuffer(payloadHead.length).writeBytes(payloadHead));
      share(payload, buffer);
    } else {
      ScratchCopy.writeTo(middle, 0, middle.byteSize(), target);
      target.write(payloadHead);
      ScratchCopy.writeTo(payload, 0, payload.byteSize(), target);
    }
    int drained = remaining;
    remaining = 0;
    return drained;
  }

  private void share(MemorySegment bytes, CompositeByteBuf buffer) {
    if (bytes.byteSize() > 0) {
      buffer.addComponent(true, new LeasedBuffer(buffer.alloc(), block.retainLease(), bytes));
    }
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
