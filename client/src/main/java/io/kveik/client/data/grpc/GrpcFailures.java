package io.kveik.client.data.grpc;

import io.grpc.Status;
import io.kveik.client.data.TransportException;

/** gRPC's ends of calls as transport failures. Stateless. */
public final class GrpcFailures {
  private GrpcFailures() {}

  /**
   * What a status other than OK means.
   *
   * @param what names the call, for the error
   */
  public static TransportException of(String what, Status status) {
    String description = status.getDescription();
    return new TransportException(
        code(status.getCode()),
        what + ": " + status.getCode() + (description == null ? "" : ": " + description),
        status.getCause());
  }

  /** The calling thread was interrupted; sets its flag again. */
  static TransportException interrupted(String what, InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new TransportException(
        TransportException.Code.INTERRUPTED, what + " was interrupted while it waited", cause);
  }

  private static TransportException.Code code(Status.Code code) {
    return switch (code) {
      case DEADLINE_EXCEEDED -> TransportException.Code.DEADLINE_EXCEEDED;
      case RESOURCE_EXHAUSTED -> TransportException.Code.EXHAUSTED;
      case UNAUTHENTICATED, PERMISSION_DENIED -> TransportException.Code.DENIED;
      case OK,
          INVALID_ARGUMENT,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          NOT_FOUND,
          ALREADY_EXISTS,
          UNIMPLEMENTED,
          DATA_LOSS ->
          TransportException.Code.PROTOCOL;
      case UNAVAILABLE, CANCELLED, ABORTED, UNKNOWN, INTERNAL ->
          TransportException.Code.UNAVAILABLE;
    };
  }
}
