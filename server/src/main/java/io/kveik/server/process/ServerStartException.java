package io.kveik.server.process;

import java.io.IOException;
import java.util.List;

/** A server process that did not come to serve. */
public final class ServerStartException extends IOException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // Never serialised.
  private final List<String> output;

  ServerStartException(String message, List<String> output) {
    super(output.isEmpty() ? message : message + ": " + output.getLast());
    this.output = List.copyOf(output);
  }

  /** The last lines the process printed, free of control characters. */
  public List<String> output() {
    return output;
  }
}
