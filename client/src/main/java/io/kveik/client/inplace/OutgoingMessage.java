package io.kveik.client.inplace;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.StatusRuntimeException;
import io.kveik.client.http2.BufferPool;
import io.kveik.client.http2.PayloadAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way that carries a payload: the bytes before the payload, the payload where the
 * caller keeps it, the bytes after it.
 *
 * <p>While no connection is up, gRPC reads a message later, on another thread, and perhaps after
 * the call has failed. So the payload is read under a lock, and close, which waits for it, makes
 * every later read fail: once a call has returned, nothing touches the caller's memory.
 */
public final class OutgoingMessage implements AutoCloseable {
  private static final int MAX_SCRATCH_BYTES = 64 * 1024;
  private static final Thread ANY_OTHER_THREAD = Thread.ofVirtual().unstarted(() -> {});

  private final byte[] head;
  private final MemorySegment payload;
  private final ChecksumFields after;
  private final int tailBytes;
  private final ReentrantLock payloadLock = new ReentrantLock();
  private byte @Nullable [] tail;
  private boolean closed;

  private OutgoingMessage(byte[] head, MemorySegment payload, ChecksumFields after) {
    this.head = head;
    this.payload = payload;
    this.after = after;
    this.tailBytes = bytes(out -> after.writeTo(0, out)).length;
  }

  /** Writes fields of a message. */
  @FunctionalInterface
  public interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  /** Writes fields behind a payload, as many bytes whatever its checksum. */
  @FunctionalInterface
  public interface ChecksumFields {
    /**
     * Called again for each attempt to send the message.
     *
     * @param crc32c CRC32C of the payload
     */
    void writeTo(int crc32c, CodedOutputStream out) throws IOException;
  }

  /**
   * Wraps the payload until close.
   *
   * @param before the bytes in front of the payload's
   * @param payload in memory that this thread may read
   * @param after the bytes behind the payload's; the checksum is taken while the payload is copied
   * @throws IllegalArgumentException when the message is longer than messages can be, or the
   *     payload confined to another thread
   */
  public static OutgoingMessage wrap(Fields before, MemorySegment payload, ChecksumFields after) {
    OutgoingMessage message =
        new OutgoingMessage(bytes(before), readableByAnyThread(payload), after);
    if (message.length() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the request has %d bytes, a message holds %d"
              .formatted(message.length(), Integer.MAX_VALUE));
    }
    return message;
  }

  /** What the payload takes of its message, with its tag and its length. */
  public static long sizeOf(int field, MemorySegment payload) {
    long bytes = payload.byteSize();
    // An empty field is not written at all.
    return bytes == 0
        ? 0
        : CodedOutputStream.computeTagSize(field)
            + CodedOutputStream.computeUInt64SizeNoTag(bytes)
            + bytes;
  }

  /** Writes what stands in front of the payload itself: its field's tag and its length. */
  public static void writeTag(int field, MemorySegment payload, CodedOutputStream out)
      throws IOException {
    if (payload.byteSize() > 0) {
      out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt64NoTag(payload.byteSize());
    }
  }

  /**
   * Runs what gRPC wants run, in place: the executor of calls that send such messages. One that
   * waits for a connection is drained from here; when its caller has given up by then, that throws,
   * which must not reach the channel's own thread.
   */
  public static void runGuarded(Runnable task) {
    try {
      task.run();
    } catch (StatusRuntimeException ignored) {
      // The call is cancelled already; the server drops the unfinished request.
    }
  }

  /** Tells the transport's allocator that this message is framed next on this thread. */
  void announce() {
    PayloadAllocator.announce(head.length);
  }

  /** The bytes of the whole message. */
  public long length() {
    return head.length + payload.byteSize() + tailBytes;
  }

  /**
   * Copies message bytes from {@code position} on.
   *
   * @return how many: at least one unless {@code limit} is 0 or the message is at its end
   * @throws IOException when the payload is asked for after close
   */
  int copy(long position, byte[] to, int offset, int limit) throws IOException {
    if (position < head.length) {
      int n = (int) Math.min(limit, head.length - position);
      System.arraycopy(head, (int) position, to, offset, n);
      return n;
    }
    long inPayload = position - head.length;
    if (inPayload < payload.byteSize()) {
      int n = (int) Math.min(limit, payload.byteSize() - inPayload);
      payloadLock.lock();
      try {
        checkOpen();
        MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, inPayload, to, offset, n);
      } finally {
        payloadLock.unlock();
      }
      return n;
    }
    long inTail = inPayload - payload.byteSize();
    int n = (int) Math.min(limit, tailBytes - inTail);
    System.arraycopy(tail(), (int) inTail, to, offset, n);
    return n;
  }

  /** For a transport that takes bytes: the payload is gone through once more for its checksum. */
  private byte[] tail() throws IOException {
    payloadLock.lock();
    try {
      checkOpen();
      byte[] made = tail;
      if (made == null) {
        made = tailFor(Checksums.crc32c(payload));
        tail = made;
      }
      return made;
    } finally {
      payloadLock.unlock();
    }
  }

  private byte[] tailFor(int crc32c) {
    return bytes(out -> after.writeTo(crc32c, out));
  }

  /**
   * Writes the whole message; the payload is copied once, into buffers of the transport's, wherever
   * the transport lets a message add its own.
   *
   * @param pieces for the payload
   * @return the message's length
   * @throws IOException after close, or when the target fails
   */
  int drain(OutputStream target, BufferPool pieces) throws IOException {
    @Nullable CompositeByteBuf buffer = PayloadAllocator.writeHead(head, target);
    if (buffer == null) {
      byte[] scratch = new byte[(int) Math.min(MAX_SCRATCH_BYTES, length())];
      long position = head.length;
      for (int n = copy(position, scratch, 0, scratch.length);
          n > 0;
          n = copy(position, scratch, 0, scratch.length)) {
        target.write(scratch, 0, n);
        position += n;
      }
    } else {
      // Where nothing stands behind the payload its checksum is of no use.
      @Nullable CRC32C crc = tailBytes > 0 ? new CRC32C() : null;
      for (long at = 0; at < payload.byteSize(); at += pieces.bufferBytes()) {
        buffer.addComponent(true, piece(at, crc, pieces, buffer.alloc()));
      }
      if (crc != null) {
        byte[] end = tailFor((int) crc.getValue());
        buffer.addComponent(true, buffer.alloc().directBuffer(tailBytes).writeBytes(end));
      }
    }
    return (int) length();
  }

  /**
   * A copy of the payload from an offset on, as much as one buffer holds. What would leave most of
   * one empty gets memory of its own size.
   */
  private ByteBuf piece(
      long from, @Nullable CRC32C crc, BufferPool pieces, ByteBufAllocator allocator)
      throws IOException {
    int length = (int) Math.min(pieces.bufferBytes(), payload.byteSize() - from);
    payloadLock.lock();
    try {
      checkOpen();
      ByteBuf piece =
          length < pieces.bufferBytes() / 2
              ? allocator.directBuffer(length)
              : pieces.take(allocator);
      ByteBuffer room = piece.internalNioBuffer(0, length);
      MemorySegment source = payload.asSlice(from, length);
      if (crc != null) {
        // Of the caller's bytes and not of the copy. It leaves them in the core's cache.
        crc.update(source.asByteBuffer());
      }
      MemorySegment.ofBuffer(room).copyFrom(source);
      return piece.writerIndex(length);
    } finally {
      payloadLock.unlock();
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the call is over; the payload is the caller's again");
    }
  }

  /** Gives the payload back to the caller; idempotent. */
  @Override
  public void close() {
    payloadLock.lock();
    try {
      closed = true;
    } finally {
      payloadLock.unlock();
    }
  }

  private static byte[] bytes(Fields fields) {
    ByteString.Output bytes = ByteString.newOutput();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      fields.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("memory never refuses bytes", e);
    }
    return bytes.toByteString().toByteArray();
  }

  /**
   * A view of the payload that the transport's threads may read too. Memory confined to this thread
   * can't go away meanwhile, since this thread waits in the write until the view is closed.
   */
  private static MemorySegment readableByAnyThread(MemorySegment payload) {
    if (!payload.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalArgumentException("payload is confined to another thread");
    }
    if (payload.isAccessibleBy(ANY_OTHER_THREAD)) {
      return payload;
    }
    return MemorySegment.ofAddress(payload.address()).reinterpret(payload.byteSize()).asReadOnly();
  }
}
