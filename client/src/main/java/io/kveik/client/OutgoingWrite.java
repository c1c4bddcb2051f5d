package io.kveik.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.WriteRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A write request on its way: the bytes before the payload, the payload where the caller keeps it,
 * the bytes after it.
 *
 * <pre>
 *   WriteRequest   1 resource · 2 container · 3 chunk                            · 16 · 17 · 18
 *   PromptChunk                               1 · 2 · 3 · 4 payload · 5 · 6 · 16
 *                  |------------ head --------------------| payload |--------- tail -----------|
 * </pre>
 *
 * <p>Fields go out in the order of their numbers, so these are the very bytes that the generated
 * class would write.
 *
 * <p>While no connection is up, gRPC reads a request later, on another thread, and perhaps after
 * the call has failed. So the payload is read under a lock, and close, which waits for it, makes
 * every later read fail: once a write has returned, nothing touches the caller's memory.
 */
final class OutgoingWrite implements AutoCloseable {
  private static final Thread ANY_OTHER_THREAD = Thread.ofVirtual().unstarted(() -> {});

  private final byte[] head;
  private final MemorySegment payload;
  private final byte[] tail;
  private final ReentrantLock payloadLock = new ReentrantLock();
  private boolean closed;

  private OutgoingWrite(byte[] head, MemorySegment payload, byte[] tail) {
    this.head = head;
    this.payload = payload;
    this.tail = tail;
  }

  /** Wraps the payload until close; computes its checksum. */
  static OutgoingWrite wrap(BlockScope scope, BlockWrite block) {
    MemorySegment payload = readableByAnyThread(block.payload());
    PromptChunk.Builder before =
        PromptChunk.newBuilder()
            .setHash(block.label())
            .setPartitionKey(scope.partition())
            .setParentHash(block.parentLabel());
    PromptChunk.Builder after =
        PromptChunk.newBuilder()
            .setCompletionId(block.completionId())
            .setBufferCrc32C(Checksums.crc32c(payload));
    for (long token : block.tokens()) {
      after.addTokens(token);
    }
    return of(
        WriteRequest.newBuilder()
            .setResourceName(scope.resource())
            .setContainerName(scope.container())
            .build(),
        before.build(),
        payload,
        after.build(),
        WriteRequest.newBuilder()
            .setAckLevel(WireMapping.toWire(block.ackLevel()))
            .setTtlMs(block.ttl().toMillis())
            .setPriority(block.priority())
            .build());
  }

  /**
   * @param requestBefore the request's fields below its chunk
   * @param chunkBefore the chunk's fields below its payload
   * @param chunkAfter the chunk's fields above its payload
   * @param requestAfter the request's fields above its chunk
   */
  static OutgoingWrite of(
      WriteRequest requestBefore,
      PromptChunk chunkBefore,
      MemorySegment payload,
      PromptChunk chunkAfter,
      WriteRequest requestAfter) {
    long payloadBytes = payload.byteSize();
    long chunkBytes = (long) chunkBefore.getSerializedSize() + chunkAfter.getSerializedSize();
    if (payloadBytes > 0) {
      // An empty field is not written at all.
      chunkBytes +=
          CodedOutputStream.computeTagSize(PromptChunk.BUFFER_FIELD_NUMBER)
              + CodedOutputStream.computeUInt64SizeNoTag(payloadBytes)
              + payloadBytes;
    }
    ByteString.Output head = ByteString.newOutput();
    ByteString.Output tail = ByteString.newOutput();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(head);
      requestBefore.writeTo(out);
      out.writeTag(WriteRequest.CHUNK_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt64NoTag(chunkBytes);
      chunkBefore.writeTo(out);
      if (payloadBytes > 0) {
        out.writeTag(PromptChunk.BUFFER_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt64NoTag(payloadBytes);
      }
      out.flush();
      chunkAfter.writeTo(tail);
      requestAfter.writeTo(tail);
    } catch (IOException e) {
      throw new UncheckedIOException("memory never refuses bytes", e);
    }
    OutgoingWrite write =
        new OutgoingWrite(
            head.toByteString().toByteArray(), payload, tail.toByteString().toByteArray());
    if (write.length() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the request has %d bytes, a message holds %d"
              .formatted(write.length(), Integer.MAX_VALUE));
    }
    return write;
  }

  /** The bytes of the whole message. */
  long length() {
    return head.length + payload.byteSize() + tail.length;
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
        if (closed) {
          throw new IOException("the write is over; its payload is the caller's again");
        }
        MemorySegment.copy(payload, ValueLayout.JAVA_BYTE, inPayload, to, offset, n);
      } finally {
        payloadLock.unlock();
      }
      return n;
    }
    long inTail = inPayload - payload.byteSize();
    int n = (int) Math.min(limit, tail.length - inTail);
    System.arraycopy(tail, (int) inTail, to, offset, n);
    return n;
  }

  /** Gives the payload back to the caller. */
  @Override
  public void close() {
    payloadLock.lock();
    try {
      closed = true;
    } finally {
      payloadLock.unlock();
    }
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
