package io.kveik.client.inplace;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.kveik.client.http2.BufferPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Sends a message without building it: gRPC drains head, payload and tail from where they are, on
 * connections with a {@link io.kveik.client.http2.PayloadAllocator} by one copy of the payload.
 * Thread-safe.
 */
public final class OutgoingMessageMarshaller
    implements MethodDescriptor.Marshaller<OutgoingMessage> {
  private static final int PIECE_BYTES = 256 * 1024;

  /** Of that size, kept by the process while no message is on its way. */
  private static final int KEPT_PIECES = 64;

  private static final BufferPool PIECES = new BufferPool(PIECE_BYTES, KEPT_PIECES);

  @Override
  public InputStream stream(OutgoingMessage value) {
    return new MessageStream(value);
  }

  @Override
  public OutgoingMessage parse(InputStream stream) {
    throw new UnsupportedOperationException("these messages are only sent");
  }

  /** The bytes of one message, read by one thread. */
  private static final class MessageStream extends InputStream implements KnownLength, Drainable {
    private final OutgoingMessage message;
    private long position;

    MessageStream(OutgoingMessage message) {
      this.message = message;
    }

    /** gRPC asks right before it has the message framed, on the same thread. */
    @Override
    public int available() {
      if (position == 0) {
        message.announce();
      }
      return (int) (message.length() - position);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int limit) throws IOException {
      if (limit == 0) {
        return 0;
      }
      int n = message.copy(position, to, offset, limit);
      position += n;
      return n == 0 ? -1 : n;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      if (position > 0) {
        throw new IllegalStateException("the message is partly read already");
      }
      int drained = message.drain(target, PIECES);
      position = drained;
      return drained;
    }
  }
}
