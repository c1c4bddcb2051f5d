package io.kveik.server.rpc.blockstore;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.client.inplace.InPlacePayload;
import io.kveik.client.inplace.PayloadPath;
import io.kveik.wire.nativev1.StoreRequest;
import java.io.IOException;
import java.io.InputStream;

/**
 * A block to store whose payload still lies in the transport's memory. Closed once its bytes have
 * been copied or refused; the payload must not be used after that.
 *
 * @param request everything but the payload
 */
record InboundStore(StoreRequest request, InPlacePayload payload) implements AutoCloseable {
  @Override
  public void close() {
    payload.close();
  }

  /** Parses a request where it lies, so that its payload is copied only once, into a tier. */
  static final class Marshaller implements MethodDescriptor.Marshaller<InboundStore> {
    private static final PayloadPath PAYLOAD = PayloadPath.of(StoreRequest.PAYLOAD_FIELD_NUMBER);

    @Override
    public InputStream stream(InboundStore store) {
      throw new IllegalStateException("a server only receives store requests");
    }

    @Override
    public InboundStore parse(InputStream stream) {
      StoreRequest.Builder request = StoreRequest.newBuilder();
      try {
        InPlacePayload payload = InPlacePayload.parse(stream, PAYLOAD, request);
        return new InboundStore(request.build(), payload);
      } catch (IOException e) {
        throw Status.INVALID_ARGUMENT
            .withDescription("StoreRequest: not a valid protobuf message")
            .withCause(e)
            .asRuntimeException();
      }
    }
  }
}
