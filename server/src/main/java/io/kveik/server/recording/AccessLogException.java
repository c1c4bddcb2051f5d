package io.kveik.server.recording;

import java.io.IOException;
import java.nio.file.Path;

/** A file is not of a recording, or is damaged; the message names file, place and reason. */
public final class AccessLogException extends IOException {
  private static final long serialVersionUID = 1L;

  AccessLogException(Path file, long offset, String reason) {
    super("%s: byte %d: %s".formatted(file, offset, reason));
  }
}
