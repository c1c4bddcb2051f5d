package io.kveik.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block that was read. Its payload lies in the transport's buffers, which it holds until it is
 * closed: close it soon.
 *
 * <p>It belongs to the thread that read it: views of its payload work in that thread only, which is
 * also the one to close it. After close, a view throws {@link IllegalStateException} instead of
 * showing what the memory holds by then. To take a payload to another thread, copy it.
 */
public final class Block implements AutoCloseable {
  private final ReceivedRead received;
  private final BlockInfo info;
  private final ClientCounters counters;
  private final Arena views = Arena.ofConfined();
  private @Nullable ByteBuf gathered;
  private @Nullable MemorySegment whole;
  private boolean closed;

  /** Transfers {@code received} to the block. */
  Block(ReceivedRead received, ClientCounters counters) {
    this.received = received;
    this.info = received.info();
    this.counters = counters;
    counters.openBlocks.increment();
  }

  /** All but the payload; good after close too. */
  public BlockInfo info() {
    return info;
  }

  /** Bytes of payload. */
  public int length() {
    return info.length();
  }

  /**
   * Wraps the payload as it lies, part after part, without a copy.
   *
   * @return read-only buffers, together {@link #length()} bytes, valid until close
   */
  public List<ByteBuffer> wrapParts() {
    checkOpen();
    List<ByteBuffer> parts = new ArrayList<>();
    for (ByteBuffer part : received.payload()) {
      parts.add(guard(part).asByteBuffer());
    }
    return parts;
  }

  /**
   * Wraps the payload as one piece of memory. Where the transport's buffers are several, the first
   * call gathers them in off-heap memory of the block, which is one copy; {@link #copyTo} and
   * {@link #wrapParts} do without it.
   *
   * @return a read-only segment of {@link #length()} bytes, valid until close
   */
  public MemorySegment wrapPayload() {
    checkOpen();
    MemorySegment segment = whole;
    if (segment == null) {
      List<ByteBuffer> parts = received.payload();
      segment = parts.size() == 1 ? guard(parts.getFirst()) : gather();
      whole = segment;
    }
    return segment;
  }

  /**
   * {@link #wrapPayload()} as a buffer.
   *
   * @return a read-only buffer of {@link #length()} bytes, valid until close
   */
  public ByteBuffer wrapBuffer() {
    return wrapPayload().asByteBuffer();
  }

  /**
   * Copies the payload to the start of {@code into}, once.
   *
   * @throws KveikException {@code MEMORY_TOO_SMALL}
   */
  public void copyTo(MemorySegment into) {
    checkOpen();
    checkFits(info, into);
    received.copyTo(into);
  }

  /** Copies the payload to a new array on the heap. */
  public byte[] copyOf() {
    checkOpen();
    byte[] bytes = new byte[length()];
    received.copyTo(MemorySegment.ofArray(bytes));
    return bytes;
  }

  /** Gives the memory back; closing twice does no harm. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    // First, since it refuses every thread but the right one.
    views.close();
    closed = true;
    whole = null;
    ByteBuf copy = gathered;
    if (copy != null) {
      copy.release();
    }
    received.close();
    counters.openBlocks.decrement();
  }

  static void checkFits(BlockInfo info, MemorySegment into) {
    if (into.byteSize() < info.length()) {
      throw new KveikException(
          KveikException.Code.MEMORY_TOO_SMALL,
          "block %s has %d bytes, the memory given for it has %d"
              .formatted(ChainLabels.format(info.label()), info.length(), into.byteSize()));
    }
  }

  private MemorySegment gather() {
    ByteBuf copy = ByteBufAllocator.DEFAULT.directBuffer(length(), Math.max(1, length()));
    gathered = copy;
    ByteBuffer buffer = copy.nioBuffer(0, length());
    received.copyTo(MemorySegment.ofBuffer(buffer));
    return guard(buffer);
  }

  /** A view that close ends. Memory on the heap can't be handed out twice and needs no guard. */
  private MemorySegment guard(ByteBuffer buffer) {
    MemorySegment segment = MemorySegment.ofBuffer(buffer).asReadOnly();
    return segment.isNative() ? segment.reinterpret(views, null) : segment;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("block " + ChainLabels.format(info.label()) + " is closed");
    }
  }
}
