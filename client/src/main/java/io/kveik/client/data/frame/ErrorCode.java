package io.kveik.client.data.frame;

/** Why a server ends a connection; the codes are those on the wire. */
public enum ErrorCode {
  /** A code that this side does not know. */
  UNKNOWN(0),
  /** A frame that is none, or not one that may come now. */
  PROTOCOL(1),
  /** A version that the server does not speak. */
  VERSION(2),
  /** A ticket that is unknown or has expired. */
  TICKET(3),
  /** A length or count above what WELCOME said. */
  TOO_LARGE(4),
  /** More requests at a time than WELCOME said. */
  TOO_MANY(5),
  /** Nothing came, went or was taken for too long. */
  TIMEOUT(6),
  /** The server's own fault. */
  INTERNAL(7);

  private final short code;

  ErrorCode(int code) {
    this.code = (short) code;
  }

  short code() {
    return code;
  }

  static ErrorCode of(short code) {
    for (ErrorCode one : values()) {
      if (one.code == code) {
        return one;
      }
    }
    return UNKNOWN;
  }
}
