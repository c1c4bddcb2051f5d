package io.kveik.client.data;

/** A transport failed; the same call over another one may go well. */
public final class TransportException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of failure it was. */
  public enum Code {
    /** No connection could be made, or it broke. */
    UNAVAILABLE,
    /** The call's deadline passed. */
    DEADLINE_EXCEEDED,
    /** The server does not know the ticket. */
    DENIED,
    /** The server or this client has too much going on. */
    EXHAUSTED,
    /** One side did not understand the other. */
    PROTOCOL,
    /** The calling thread was interrupted; its interrupt flag is set again. */
    INTERRUPTED,
    /** This transport has been closed. */
    CLOSED
  }

  private final Code code;

  public TransportException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public TransportException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
