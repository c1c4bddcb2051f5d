package io.kveik.server.rpc.call;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** A limit of the server's that a call ran into; trying again later may work. */
public final class Busy {
  private Busy() {}

  public static StatusRuntimeException of(String limit, String detail) {
    return Status.RESOURCE_EXHAUSTED.withDescription(limit + ": " + detail).asRuntimeException();
  }
}
