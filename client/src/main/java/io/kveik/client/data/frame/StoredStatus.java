package io.kveik.client.data.frame;

/** What a STORED says; the codes are those on the wire. */
public enum StoredStatus {
  /** A code that this side does not know: count on nothing. */
  UNKNOWN(0),
  STORED(1),
  /** It was there before; nothing changed. */
  ALREADY_PRESENT(2),
  /** A limit was hit; trying again later may work. */
  BUSY(3),
  /** The payload does not match its checksum. */
  CHECKSUM_MISMATCH(4),
  /** Not a block that can be stored; the detail names field, value and limit. */
  INVALID(5);

  private final byte code;

  StoredStatus(int code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  static StoredStatus of(byte code) {
    for (StoredStatus status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    return UNKNOWN;
  }
}
