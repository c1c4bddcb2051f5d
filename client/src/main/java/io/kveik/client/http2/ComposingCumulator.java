package io.kveik.client.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Gathers a frame that comes in several reads of the socket without copying it together, as Netty's
 * default does: a payload of a megabyte would be copied once or twice more on its way in.
 *
 * <p>What is kept of a read keeps the whole buffer of that read. So a read that filled less than
 * half of its buffer is copied into one of its own size, and where many short ones come, as from a
 * peer that sends byte by byte, they are copied together: what is gathered takes at most a few
 * times its bytes. Stateless; event loop only.
 */
final class ComposingCumulator implements ByteToMessageDecoder.Cumulator {
  static final ComposingCumulator INSTANCE = new ComposingCumulator();

  /** A frame of the usual size comes in fewer pieces. */
  private static final int MAX_COMPONENTS = 32;

  private ComposingCumulator() {}

  @Override
  public ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf cumulation, ByteBuf in) {
    int length = in.readableBytes();
    if (length > in.capacity() / 2) {
      return ByteToMessageDecoder.COMPOSITE_CUMULATOR.cumulate(allocator, cumulation, in);
    }
    if (!cumulation.isReadable()) {
      cumulation.release();
      return copy(allocator, length, in);
    }
    if (!(cumulation instanceof CompositeByteBuf parts)) {
      return ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, cumulation, in);
    }
    if (parts.numComponents() < MAX_COMPONENTS) {
      return ByteToMessageDecoder.COMPOSITE_CUMULATOR.cumulate(
          allocator, cumulation, copy(allocator, length, in));
    }
    // Twice the room, so that what comes byte by byte is moved a bounded number of times.
    ByteBuf together = copy(allocator, 2 * (parts.readableBytes() + length), parts);
    return ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, together, in);
  }

  /** Releases what it copies. */
  private static ByteBuf copy(ByteBufAllocator allocator, int capacity, ByteBuf from) {
    try {
      return allocator.directBuffer(capacity).writeBytes(from);
    } finally {
      from.release();
    }
  }
}
