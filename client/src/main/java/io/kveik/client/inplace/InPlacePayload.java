package io.kveik.client.inplace;

import com.google.protobuf.MessageLite;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The payload of one received message, still in the transport's buffers. Who holds it closes it,
 * once nothing looks at the payload any more; closing twice does no harm. Passed from thread to
 * thread, used by one at a time.
 */
public final class InPlacePayload implements AutoCloseable {
  private final List<ByteBuffer> parts;
  private final int length;
  private final AtomicReference<@Nullable InputStream> transportBuffers;

  /** Where the payload has been copied ahead of being asked for; null: nowhere. */
  private @Nullable MemorySegment ahead;

  private int aheadCrc32c;

  private InPlacePayload(List<ByteBuffer> parts, @Nullable InputStream transportBuffers) {
    this.parts = parts;
    this.length = parts.stream().mapToInt(ByteBuffer::remaining).sum();
    this.transportBuffers = new AtomicReference<>(transportBuffers);
  }

  /**
   * Parses a message as gRPC hands it to a marshaller. Takes the transport's buffers over; where
   * they can't be had (a compressed message, an in-process transport) the bytes are copied once.
   * Runs on the transport's thread and does not block.
   *
   * @param path where in the message the payload is
   * @param into gets everything but the payload
   * @throws IOException when the message is malformed; nothing is held then
   */
  public static InPlacePayload parse(InputStream stream, PayloadPath path, MessageLite.Builder into)
      throws IOException {
    if (stream instanceof KnownLength
        && stream instanceof Detachable detachable
        && stream instanceof HasByteBuffer buffers
        && buffers.byteBufferSupported()
        && stream.markSupported()) {
      return parseDetached(detachable.detach(), path, into);
    }
    List<ByteBuffer> copy = List.of(ByteBuffer.wrap(stream.readAllBytes()));
    return new InPlacePayload(InPlaceParser.parse(copy, path, into), null);
  }

  private static InPlacePayload parseDetached(
      InputStream detached, PayloadPath path, MessageLite.Builder into) throws IOException {
    boolean parsed = false;
    try {
      List<ByteBuffer> payload = InPlaceParser.parse(wrap(detached), path, into);
      parsed = true;
      return new InPlacePayload(payload, detached);
    } finally {
      if (!parsed) {
        detached.close();
      }
    }
  }

  /** Views all of the stream's bytes; they stay valid until the stream is closed. */
  private static List<ByteBuffer> wrap(InputStream detached) throws IOException {
    List<ByteBuffer> parts = new ArrayList<>();
    // Under a mark, skipping a buffer does not release it.
    detached.mark(Integer.MAX_VALUE);
    while (detached.available() > 0) {
      @Nullable ByteBuffer part = ((HasByteBuffer) detached).getByteBuffer();
      if (part == null || !part.hasRemaining()) {
        throw new IOException("the transport has bytes but no buffer");
      }
      int length = part.remaining();
      parts.add(part);
      if (detached.skip(length) != length) {
        throw new IOException("the transport's buffer ended early");
      }
    }
    detached.reset();
    return parts;
  }

  /** The payload, part after part: new read-only buffers, valid until close. */
  public List<ByteBuffer> wrapParts() {
    List<ByteBuffer> views = new ArrayList<>(parts.size());
    for (ByteBuffer part : parts) {
      views.add(part.asReadOnlyBuffer());
    }
    return views;
  }

  /** Bytes of payload; stays known after close. */
  public int length() {
    return length;
  }

  /**
   * Copies the whole payload on the thread that brings it, so that the copies below, to the same
   * memory, have nothing left to do. Where that thread may not touch the memory, or would wait for
   * a file behind it, nothing happens.
   *
   * @param into as large as the payload or larger
   */
  public void copyAhead(MemorySegment into) {
    if (into.isAccessibleBy(Thread.currentThread()) && !into.isMapped()) {
      aheadCrc32c = copyAndChecksum(into);
      ahead = into;
    }
  }

  /** Copies the whole payload to the start of {@code into}, which is large enough. */
  public void copyTo(MemorySegment into) {
    if (into.equals(ahead)) {
      return;
    }
    long offset = 0;
    for (ByteBuffer part : parts) {
      MemorySegment source = MemorySegment.ofBuffer(part);
      MemorySegment.copy(source, 0, into, offset, source.byteSize());
      offset += source.byteSize();
    }
  }

  /**
   * The same.
   *
   * @return CRC32C of the copy
   */
  public int copyAndChecksum(MemorySegment into) {
    if (into.equals(ahead)) {
      return aheadCrc32c;
    }
    CRC32C crc = new CRC32C();
    long offset = 0;
    for (ByteBuffer part : parts) {
      MemorySegment source = MemorySegment.ofBuffer(part);
      Checksums.copy(source, into, offset, crc);
      offset += source.byteSize();
    }
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    InputStream stream = transportBuffers.getAndSet(null);
    if (stream != null) {
      try {
        stream.close();
      } catch (IOException e) {
        throw new UncheckedIOException("the transport's buffers could not be released", e);
      }
    }
  }
}
