package io.kveik.client.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An allocator for connections that send payloads: Netty's own, but for one buffer of each message
 * that carries one. gRPC's framer asks the connection's allocator for a buffer of the message's
 * length, a megabyte at most, and then has the message written into it through byte arrays. For a
 * message that has announced itself that buffer is a composite with room for the message's head
 * alone; the message then adds buffers with its payload to it, and the transport gathers all of it
 * into one system call.
 *
 * <p>A message announces itself on the thread it is framed on, just before. If nothing is framed
 * after all, the thread's next buffer starts smaller than it was asked for, and grows as any does.
 * Any thread.
 */
public final class PayloadAllocator implements ByteBufAllocator {
  /** gRPC's framer puts a flag and a length in front of a message. */
  private static final int FRAME_HEAD_BYTES = 5;

  /** With more parts than that they would be copied together: 256 MiB in pieces of 256 KiB. */
  private static final int MAX_COMPONENTS = 1024;

  private static final ThreadLocal<Expected> EXPECTED = ThreadLocal.withInitial(Expected::new);

  private final ByteBufAllocator delegate;

  /** Makes every buffer that is nothing special with the delegate. */
  public PayloadAllocator(ByteBufAllocator delegate) {
    this.delegate = delegate;
  }

  /** What this thread frames next. */
  private static final class Expected {
    private int headBytes;
    private @Nullable CompositeByteBuf buffer;
  }

  /** The next buffer that this thread asks for is that of a message with such a head. */
  public static void announce(int headBytes) {
    Expected expected = EXPECTED.get();
    expected.headBytes = headBytes;
    expected.buffer = null;
  }

  /**
   * Writes the message's head, and gives the buffer that {@link #announce} was for.
   *
   * @param head as long as announced
   * @param target what the framer has the message written to
   * @return the buffer, up to the head's end, to which the rest is to be added; null when the head
   *     went elsewhere (a compressed message, another transport), as the rest then has to
   */
  public static @Nullable CompositeByteBuf writeHead(byte[] head, OutputStream target)
      throws IOException {
    Expected expected = EXPECTED.get();
    CompositeByteBuf buffer = expected.buffer;
    expected.headBytes = 0;
    expected.buffer = null;
    target.write(head);
    boolean tookTheHead =
        buffer != null
            && buffer.writerIndex() == FRAME_HEAD_BYTES + head.length
            && buffer.writableBytes() == 0;
    return tookTheHead ? buffer : null;
  }

  @Override
  public ByteBuf buffer(int initialCapacity, int maxCapacity) {
    Expected expected = EXPECTED.get();
    if (expected.headBytes == 0) {
      return delegate.buffer(initialCapacity, maxCapacity);
    }
    ByteBuf head = delegate.directBuffer(FRAME_HEAD_BYTES + expected.headBytes);
    head.setIndex(0, FRAME_HEAD_BYTES + expected.headBytes);
    CompositeByteBuf buffer = delegate.compositeDirectBuffer(MAX_COMPONENTS);
    buffer.addComponent(head);
    expected.headBytes = 0;
    expected.buffer = buffer;
    return buffer;
  }

  @Override
  public ByteBuf buffer() {
    return delegate.buffer();
  }

  @Override
  public ByteBuf buffer(int initialCapacity) {
    return delegate.buffer(initialCapacity);
  }

  @Override
  public ByteBuf ioBuffer() {
    return delegate.ioBuffer();
  }

  @Override
  public ByteBuf ioBuffer(int initialCapacity) {
    return delegate.ioBuffer(initialCapacity);
  }

  @Override
  public ByteBuf ioBuffer(int initialCapacity, int maxCapacity) {
    return delegate.ioBuffer(initialCapacity, maxCapacity);
  }

  @Override
  public ByteBuf heapBuffer() {
    return delegate.heapBuffer();
  }

  @Override
  public ByteBuf heapBuffer(int initialCapacity) {
    return delegate.heapBuffer(initialCapacity);
  }

  @Override
  public ByteBuf heapBuffer(int initialCapacity, int maxCapacity) {
    return delegate.heapBuffer(initialCapacity, maxCapacity);
  }

  @Override
  public ByteBuf directBuffer() {
    return delegate.directBuffer();
  }

  @Override
  public ByteBuf directBuffer(int initialCapacity) {
    return delegate.directBuffer(initialCapacity);
  }

  @Override
  public ByteBuf directBuffer(int initialCapacity, int maxCapacity) {
    return delegate.directBuffer(initialCapacity, maxCapacity);
  }

  @Override
  public CompositeByteBuf compositeBuffer() {
    return delegate.compositeBuffer();
  }

  @Override
  public CompositeByteBuf compositeBuffer(int maxNumComponents) {
    return delegate.compositeBuffer(maxNumComponents);
  }

  @Override
  public CompositeByteBuf compositeHeapBuffer() {
    return delegate.compositeHeapBuffer();
  }

  @Override
  public CompositeByteBuf compositeHeapBuffer(int maxNumComponents) {
    return delegate.compositeHeapBuffer(maxNumComponents);
  }

  @Override
  public CompositeByteBuf compositeDirectBuffer() {
    return delegate.compositeDirectBuffer();
  }

  @Override
  public CompositeByteBuf compositeDirectBuffer(int maxNumComponents) {
    return delegate.compositeDirectBuffer(maxNumComponents);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return delegate.isDirectBufferPooled();
  }

  @Override
  public int calculateNewCapacity(int minNewCapacity, int maxCapacity) {
    return delegate.calculateNewCapacity(minNewCapacity, maxCapacity);
  }
}
