package io.kveik.client;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.client.inplace.InPlacePayload;
import io.kveik.client.inplace.PayloadPath;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadResponse;
import java.io.IOException;
import java.io.InputStream;

/**
 * Parses a read's answer where it lies: the transport's buffers are taken over, and the payload of
 * the parsed message is a view of them. Thread-safe; it runs on the transport's thread and does not
 * block.
 */
final class ReadResponseMarshaller implements MethodDescriptor.Marshaller<ReceivedRead> {
  private static final PayloadPath PAYLOAD =
      PayloadPath.of(ReadResponse.CHUNK_FIELD_NUMBER, PromptChunk.BUFFER_FIELD_NUMBER);

  @Override
  public InputStream stream(ReceivedRead value) {
    throw new IllegalStateException("a client only receives read responses");
  }

  @Override
  public ReceivedRead parse(InputStream stream) {
    ReadResponse.Builder message = ReadResponse.newBuilder();
    try {
      InPlacePayload payload = InPlacePayload.parse(stream, PAYLOAD, message);
      return new ReceivedRead(message.build(), payload);
    } catch (IOException e) {
      throw Status.INTERNAL
          .withDescription("the read response could not be parsed")
          .withCause(e)
          .asRuntimeException();
    }
  }
}
