package io.kveik.client.inplace;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Sends a message without building it: gRPC drains head, payload and tail from where they are. Its
 * stream takes byte arrays only, so each thread keeps one small array to carry them. Thread-safe.
 */
public final class OutgoingMessageMarshaller
    implements MethodDescriptor.Marshaller<OutgoingMessage> {
  private static final int SCRATCH_BYTES = 64 * 1024;
  private static final ThreadLocal<byte[]> SCRATCH =
      ThreadLocal.withInitial(() -> new byte[SCRATCH_BYTES]);

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

    @Override
    public int available() {
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
      byte[] scratch = SCRATCH.get();
      int drained = 0;
      for (int n = read(scratch, 0, scratch.length); n > 0; n = read(scratch, 0, scratch.length)) {
        target.write(scratch, 0, n);
        drained += n;
      }
      return drained;
    }
  }
}
