package io.kveik.client.data.frame;

import java.io.IOException;

/** The peer broke the protocol; the connection is of no more use. */
public final class FrameException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public FrameException(ErrorCode code, String text) {
    super(text);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }
}
