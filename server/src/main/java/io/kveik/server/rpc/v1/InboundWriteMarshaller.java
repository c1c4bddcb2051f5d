package io.kveik.server.rpc.v1;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.client.inplace.InPlacePayload;
import io.kveik.client.inplace.PayloadPath;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.WriteRequest;
import java.io.IOException;
import java.io.InputStream;

/** Parses a write request where it lies, so that its buffer is copied only once, into a tier. */
final class InboundWriteMarshaller implements MethodDescriptor.Marshaller<InboundWrite> {
  private static final PayloadPath PAYLOAD =
      PayloadPath.of(WriteRequest.CHUNK_FIELD_NUMBER, PromptChunk.BUFFER_FIELD_NUMBER);

  @Override
  public InputStream stream(InboundWrite write) {
    throw new IllegalStateException("a server only receives write requests");
  }

  @Override
  public InboundWrite parse(InputStream stream) {
    WriteRequest.Builder request = WriteRequest.newBuilder();
    try {
      InPlacePayload payload = InPlacePayload.parse(stream, PAYLOAD, request);
      return new InboundWrite(request.build(), payload);
    } catch (IOException e) {
      throw Status.INVALID_ARGUMENT
          .withDescription("WriteRequest: not a valid protobuf message")
          .withCause(e)
          .asRuntimeException();
    }
  }
}
