package io.kveik.bench.trace;

import java.io.IOException;

/** A trace can't be read on; the message names file, line and, where there is one, the field. */
public final class TraceException extends IOException {
  private static final long serialVersionUID = 1L;

  TraceException(String file, long line, String reason) {
    super("%s: line %d: %s".formatted(file, line, reason));
  }
}
