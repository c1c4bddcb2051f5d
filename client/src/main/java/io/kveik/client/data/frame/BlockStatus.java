package io.kveik.client.data.frame;

/** What a BLOCK says; the codes are those on the wire. */
public enum BlockStatus {
  /** A code that this side does not know: as good as absent. */
  UNKNOWN(-1),
  /** The payload follows. */
  FOUND(0),
  ABSENT(1),
  EXPIRED(2),
  CORRUPT(3),
  TIER_DOWN(4),
  OVER_BUDGET(5),
  /** The server has no memory to fetch or to send it now. */
  NO_MEMORY(6),
  /** The part asked for is not inside the block. */
  OUT_OF_RANGE(7),
  /** The part asked for is longer than the room that the client has for it. */
  NO_ROOM(8),
  CANCELLED(9),
  /** Too many requests wait in the server. */
  BUSY(10);

  private final byte code;

  BlockStatus(int code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  static BlockStatus of(byte code) {
    for (BlockStatus status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    return UNKNOWN;
  }
}
