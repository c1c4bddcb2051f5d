package io.kveik.server.rpc.control;

import com.google.protobuf.Message;

/** How a control operation is answered, whatever the wire. */
sealed interface ControlAnswer {
  record Done(Message response) implements ControlAnswer {}

  record Refused(Kind kind, String text) implements ControlAnswer {}

  /** Why there is no response. */
  enum Kind {
    /** The request is wrong: sending it again can't work. */
    INVALID,
    /** A limit was hit. */
    EXHAUSTED,
    /** A part of the server can't do it now. */
    UNAVAILABLE,
    /** The caller's time was over before all was done. */
    STOPPED,
    /** The server's disk failed it. */
    FAILED
  }
}
