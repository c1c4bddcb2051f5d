package io.kveik.client.data.frame;

/** What a MATCHED says; the codes are those on the wire. */
public enum MatchedStatus {
  /** A code that this side does not know: ask over gRPC. */
  UNKNOWN(0),
  MATCHED(1),
  /** Not a request that can be answered here; gRPC answers it, or says what is wrong with it. */
  REFUSED(2),
  /** A limit was hit; trying again later may work. */
  BUSY(3);

  private final byte code;

  MatchedStatus(int code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  static MatchedStatus of(byte code) {
    for (MatchedStatus status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    return UNKNOWN;
  }
}
