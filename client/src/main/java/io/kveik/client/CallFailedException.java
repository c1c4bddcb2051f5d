package io.kveik.client;

import io.grpc.Status;

/** One attempt at a call ended with a status other than OK. Checked, so that nothing forgets it. */
final class CallFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // Never serialised.
  private final Status status;

  CallFailedException(Status status) {
    // A writable stack trace would be that of the waiting thread, which says nothing.
    super(status.toString(), status.getCause(), false, false);
    this.status = status;
  }

  Status status() {
    return status;
  }

  /** The failure as the caller sees it. */
  KveikException toKveikException(String what, int attempts) {
    String description = status.getDescription();
    return new KveikException(
        code(),
        "%s failed after %d attempt%s: %s%s"
            .formatted(
                what,
                attempts,
                attempts == 1 ? "" : "s",
                status.getCode(),
                description == null ? "" : ": " + description),
        this);
  }

  private KveikException.Code code() {
    return switch (status.getCode()) {
      case UNAVAILABLE -> KveikException.Code.UNAVAILABLE;
      case DEADLINE_EXCEEDED -> KveikException.Code.DEADLINE_EXCEEDED;
      case RESOURCE_EXHAUSTED -> KveikException.Code.RESOURCE_EXHAUSTED;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE ->
          KveikException.Code.INVALID_ARGUMENT;
      case UNAUTHENTICATED, PERMISSION_DENIED -> KveikException.Code.DENIED;
      case OK,
          CANCELLED,
          UNKNOWN,
          NOT_FOUND,
          ALREADY_EXISTS,
          ABORTED,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS ->
          KveikException.Code.INTERNAL;
    };
  }
}
