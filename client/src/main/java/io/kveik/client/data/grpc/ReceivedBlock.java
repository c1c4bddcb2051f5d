package io.kveik.client.data.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.client.inplace.InPlacePayload;
import io.kveik.client.inplace.PayloadPath;
import io.kveik.wire.nativev1.LoadResponse;
import io.kveik.wire.nativev1.LoadedBlock;
import java.io.IOException;
import java.io.InputStream;

/**
 * One answer to a Load, whose payload still lies in the transport's buffers. Who holds it closes
 * it; closing twice does no harm.
 *
 * @param message the answer without its payload
 * @param payload of a block; empty for a miss
 */
record ReceivedBlock(LoadResponse message, InPlacePayload payload) implements AutoCloseable {
  private static final PayloadPath PAYLOAD =
      PayloadPath.of(LoadResponse.BLOCK_FIELD_NUMBER, LoadedBlock.PAYLOAD_FIELD_NUMBER);

  /** Parses answers where they lie. Thread-safe; runs on the transport's thread. */
  static final class Marshaller implements MethodDescriptor.Marshaller<ReceivedBlock> {
    @Override
    public InputStream stream(ReceivedBlock value) {
      throw new IllegalStateException("a client only receives blocks");
    }

    @Override
    public ReceivedBlock parse(InputStream stream) {
      LoadResponse.Builder message = LoadResponse.newBuilder();
      try {
        InPlacePayload payload = InPlacePayload.parse(stream, PAYLOAD, message);
        return new ReceivedBlock(message.build(), payload);
      } catch (IOException e) {
        throw Status.INTERNAL
            .withDescription("the answer to a Load could not be parsed")
            .withCause(e)
            .asRuntimeException();
      }
    }
  }

  @Override
  public void close() {
    payload.close();
  }
}
