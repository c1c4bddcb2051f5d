package io.kveik.server.rpc.v1;

import io.kveik.client.inplace.InPlacePayload;
import io.kveik.wire.v1.WriteRequest;

/**
 * A write request whose buffer still lies in the transport's memory. Closed once its bytes have
 * been copied or refused; the payload must not be used after that.
 *
 * @param request everything but the buffer
 * @param payload the buffer
 */
record InboundWrite(WriteRequest request, InPlacePayload payload) implements AutoCloseable {
  @Override
  public void close() {
    payload.close();
  }
}
