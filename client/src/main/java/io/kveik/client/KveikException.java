package io.kveik.client;

import org.jspecify.annotations.Nullable;

/** A call to the store failed; the message names the call, its subject and the reason. */
public final class KveikException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of failure it was. */
  public enum Code {
    /** No server could be reached, or it went away during the call. */
    UNAVAILABLE,
    /** The deadline of the call passed. */
    DEADLINE_EXCEEDED,
    /** A limit or quota of the server was hit and stayed hit through every attempt. */
    RESOURCE_EXHAUSTED,
    /** The server found the request wrong; the message names the field. */
    INVALID_ARGUMENT,
    /** The credential is missing, wrong or not enough. */
    DENIED,
    /** The server took the request and answered that it could not be served. */
    REFUSED,
    /** The answer was not one that the contract allows. */
    PROTOCOL,
    /** The memory given for a payload is smaller than the payload. */
    MEMORY_TOO_SMALL,
    /** The calling thread was interrupted; its interrupt flag is set again. */
    INTERRUPTED,
    /** Anything else; the message has the server's own words. */
    INTERNAL
  }

  private final Code code;

  KveikException(Code code, String message) {
    this(code, message, null);
  }

  KveikException(Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What kind of failure it was. */
  public Code code() {
    return code;
  }

  /** True when the caller, not the store, has to act: such a failure is never turned to a miss. */
  boolean isCallersOwn() {
    return code == Code.MEMORY_TOO_SMALL || code == Code.INTERRUPTED;
  }
}
