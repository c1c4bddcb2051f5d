package io.kveik.server.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.kveik.wire.v1.WriteRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Parses a {@link WriteRequest} without copying its buffer: the message's bytes fields alias the
 * transport's own memory, which stays alive until the {@link InboundWrite} is closed.
 */
final class AliasingMarshaller implements MethodDescriptor.Marshaller<InboundWrite> {
  private final MethodDescriptor.Marshaller<WriteRequest> plain =
      ProtoUtils.marshaller(WriteRequest.getDefaultInstance());

  @Override
  public InputStream stream(InboundWrite write) {
    return plain.stream(write.request());
  }

  @Override
  public InboundWrite parse(InputStream stream) {
    if (stream instanceof KnownLength
        && stream instanceof Detachable detachable
        && stream instanceof HasByteBuffer buffers
        && buffers.byteBufferSupported()) {
      InputStream owned = detachable.detach();
      try {
        return new InboundWrite(parseAliased(owned), owned);
      } catch (IOException | RuntimeException e) {
        closeQuietly(owned);
        throw Status.INVALID_ARGUMENT
            .withDescription("WriteRequest: not a valid protobuf message")
            .withCause(e)
            .asRuntimeException();
      }
    }
    return new InboundWrite(plain.parse(stream), null);
  }

  private static WriteRequest parseAliased(InputStream owned) throws IOException {
    int length = owned.available();
    owned.mark(length);
    ByteString rope = ByteString.EMPTY;
    while (owned.available() > 0) {
      ByteBuffer buffer = ((HasByteBuffer) owned).getByteBuffer();
      if (buffer == null) {
        throw new InvalidProtocolBufferException("the transport's buffers ended early");
      }
      rope = rope.concat(UnsafeByteOperations.unsafeWrap(buffer));
      skipFully(owned, buffer.remaining());
    }
    owned.reset();
    CodedInputStream in = rope.newCodedInput();
    in.enableAliasing(true);
    in.setSizeLimit(Integer.MAX_VALUE);
    WriteRequest request = WriteRequest.parseFrom(in, ExtensionRegistryLite.getEmptyRegistry());
    in.checkLastTagWas(0);
    return request;
  }

  private static void skipFully(InputStream stream, int bytes) throws IOException {
    long left = bytes;
    while (left > 0) {
      left -= stream.skip(left);
    }
  }

  static void closeQuietly(@Nullable InputStream stream) {
    try {
      if (stream != null) {
        stream.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("closing transport buffers does no I/O", e);
    }
  }
}
