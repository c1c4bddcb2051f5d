package io.kveik.client;

import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One answer to a read, whose payload still lies in the transport's buffers. Who holds it closes
 * it, once nothing looks at the payload any more; closing twice does no harm. Passed from thread to
 * thread, used by one at a time.
 */
final class ReceivedRead implements AutoCloseable {
  private final ReadResponse message;
  private final List<ByteBuffer> payload;
  private final int length;
  private final AtomicReference<@Nullable InputStream> transportBuffers;

  private ReceivedRead(
      ReadResponse message, List<ByteBuffer> payload, @Nullable InputStream transportBuffers) {
    this.message = message;
    this.payload = payload;
    this.length = payload.stream().mapToInt(ByteBuffer::remaining).sum();
    this.transportBuffers = new AtomicReference<>(transportBuffers);
  }

  /**
   * An answer whose payload lies in the buffers of {@code detached}.
   *
   * @param detached taken over from the transport; close gives it back
   */
  static ReceivedRead inPlace(InPlaceParser.Parsed parsed, InputStream detached) {
    return new ReceivedRead(parsed.message(), parsed.payload(), detached);
  }

  /** An answer that stands alone. */
  static ReceivedRead copied(ReadResponse message) {
    return new ReceivedRead(
        message, message.getChunk().getBuffer().asReadOnlyByteBufferList(), null);
  }

  /** The answer; where its payload is, only {@link #payload()} says. */
  ReadResponse message() {
    return message;
  }

  PromptChunk chunk() {
    return message.getChunk();
  }

  /** The payload, part after part: new read-only buffers, valid until close. */
  List<ByteBuffer> payload() {
    List<ByteBuffer> parts = new ArrayList<>(payload.size());
    for (ByteBuffer part : payload) {
      parts.add(part.asReadOnlyBuffer());
    }
    return parts;
  }

  int length() {
    return length;
  }

  BlockInfo info() {
    PromptChunk chunk = chunk();
    long[] tokens = new long[chunk.getTokensCount()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = chunk.getTokens(i);
    }
    return new BlockInfo(
        chunk.getHash(), chunk.getParentHash(), tokens, chunk.getCompletionId(), length());
  }

  /** Copies the whole payload to the start of {@code into}, which is large enough. */
  void copyTo(MemorySegment into) {
    long offset = 0;
    for (ByteBuffer part : payload) {
      MemorySegment source = MemorySegment.ofBuffer(part);
      MemorySegment.copy(source, 0, into, offset, source.byteSize());
      offset += source.byteSize();
    }
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
