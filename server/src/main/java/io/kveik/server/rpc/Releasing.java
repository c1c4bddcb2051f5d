package io.kveik.server.rpc;

import io.grpc.ForwardingServerCallListener;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives back the transport's memory of writes that never reach their handler: a client that sends
 * its message and then goes away instead of half-closing, or sends more than one. gRPC serialises
 * the callbacks of a call, and the handler is done with the payload when it returns.
 */
final class Releasing
    extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Inbound<InboundWrite>> {
  private final List<InboundWrite> arrived = new ArrayList<>(1);

  private Releasing(ServerCall.Listener<Inbound<InboundWrite>> listener) {
    super(listener);
  }

  static <A> ServerCallHandler<Inbound<InboundWrite>, A> after(
      ServerCallHandler<Inbound<InboundWrite>, A> handler) {
    return (call, headers) -> new Releasing(handler.startCall(call, headers));
  }

  @Override
  public void onMessage(Inbound<InboundWrite> message) {
    try {
      arrived.add(message.request());
    } catch (BadRequest e) {
      // Holds nothing; the handler refuses it.
    }
    super.onMessage(message);
  }

  @Override
  public void onComplete() {
    release();
    super.onComplete();
  }

  @Override
  public void onCancel() {
    release();
    super.onCancel();
  }

  private void release() {
    arrived.forEach(InboundWrite::close);
    arrived.clear();
  }
}
