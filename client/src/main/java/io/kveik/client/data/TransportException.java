package io.kveik.client.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

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

  @SuppressWarnings("serial") // Never serialised.
  private final List<@Nullable LoadResult> answered;

  public TransportException(Code code, String message) {
    this(code, message, null);
  }

  public TransportException(Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.answered = List.of();
  }

  private TransportException(TransportException of, List<@Nullable LoadResult> answered) {
    super(of.getMessage(), of);
    this.code = of.code;
    this.answered = answered;
  }

  /** The same failure, of a load that had answers for some of its items: null for the others. */
  public TransportException withAnswered(List<@Nullable LoadResult> results) {
    return new TransportException(this, results);
  }

  public Code code() {
    return code;
  }

  /**
   * What a load had come to before it failed: a result for each of its items, or null, whose target
   * holds arbitrary bytes. Empty when nothing is known of any item.
   */
  public List<@Nullable LoadResult> answered() {
    return answered;
  }
}
