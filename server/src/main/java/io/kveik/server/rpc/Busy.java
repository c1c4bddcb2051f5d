package io.kveik.server.rpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** A limit of the server's that a call ran into; trying again later may work. */
final class Busy {
  private Busy() {}

  static StatusRuntimeException of(String limit, String detail) {
    return Status.RESOURCE_EXHAUSTED.withDescription(limit + ": " + detail).asRuntimeException();
  }
}
