package io.kveik.bench.load;

/** A client failed in a way that ends the run. */
public final class LoadFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With what the client said. */
  public LoadFailedException(String message) {
    super(message);
  }

  /** With what failed. */
  LoadFailedException(Exception cause) {
    super(cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
  }
}
