package io.kveik.client;

import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.wire.v1.ReadResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses a read's answer where it lies: the transport's buffers are taken over, and the payload of
 * the parsed message is a view of them.
 *
 * <p>Falls back to an ordinary parse where the transport can't hand its buffers over (a compressed
 * message, an in-process transport). Thread-safe; it runs on the transport's thread and does not
 * block.
 */
final class ReadResponseMarshaller implements MethodDescriptor.Marshaller<ReceivedRead> {
  @Override
  public InputStream stream(ReceivedRead value) {
    throw new UnsupportedOperationException("a client only receives read responses");
  }

  @Override
  public ReceivedRead parse(InputStream stream) {
    try {
      if (stream instanceof KnownLength
          && stream instanceof Detachable detachable
          && stream instanceof HasByteBuffer buffers
          && buffers.byteBufferSupported()
          && stream.markSupported()) {
        return parseInPlace(detachable.detach());
      }
      return ReceivedRead.copied(ReadResponse.parseFrom(stream));
    } catch (IOException e) {
      throw Status.INTERNAL
          .withDescription("the read response could not be parsed")
          .withCause(e)
          .asRuntimeException();
    }
  }

  private static ReceivedRead parseInPlace(InputStream detached) throws IOException {
    boolean parsed = false;
    try {
      InPlaceParser.Parsed message = InPlaceParser.parse(wrap(detached));
      parsed = true;
      return ReceivedRead.inPlace(message, detached);
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
}
