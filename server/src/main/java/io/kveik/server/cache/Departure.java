package io.kveik.server.cache;

/** Why a block is no longer in any tier. */
public enum Departure {
  EVICTED(0),
  EXPIRED(1),
  CORRUPT(2),
  DELETED(3),
  /** Its write was refused: no memory could be made free. */
  DROPPED(4);

  private static final Departure[] BY_CODE = values();

  /** What stands for it in a ghost, 4 bits. */
  final int code;

  Departure(int code) {
    this.code = code;
  }

  static Departure ofCode(int code) {
    return BY_CODE[code];
  }
}
