package io.kveik.server.rpc.payload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The allocator of the server's connections: Netty's own, but for one buffer of each {@link
 * PayloadMessage}. gRPC's framer asks the connection's allocator for a buffer of the message's
 * length and then has the message written into it. For a payload message that buffer is a composite
 * with room for its head alone; the message itself then adds its leased memory to it, and the
 * transport gathers all of it into one system call.
 *
 * <p>The message announces itself on the thread it is framed on, just before. Any thread.
 */
public final class PayloadAllocator implements ByteBufAllocator {
  /** gRPC's framer puts a flag and a length in front of a message. */
  static final int FRAME_HEAD_BYTES = 5;

  private static final int MAX_COMPONENTS = 16;
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
  static void announce(int headBytes) {
    Expected expected = EXPECTED.get();
    expected.headBytes = headBytes;
    expected.buffer = null;
  }

  /** The buffer that {@link #announce} was for; null if none has been asked for. */
  static @Nullable CompositeByteBuf claim() {
    Expected expected = EXPECTED.get();
    CompositeByteBuf buffer = expected.buffer;
    expected.headBytes = 0;
    expected.buffer = null;
    return buffer;
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
