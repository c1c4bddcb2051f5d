package io.kveik.server.rpc;

import io.kveik.wire.v1.WriteRequest;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A write request whose buffer may still lie in the transport's memory. Closed once its bytes have
 * been copied or refused; the request must not be used after that.
 */
record InboundWrite(WriteRequest request, @Nullable InputStream transportMemory)
    implements AutoCloseable {
  @Override
  public void close() {
    AliasingMarshaller.closeQuietly(transportMemory);
  }
}
