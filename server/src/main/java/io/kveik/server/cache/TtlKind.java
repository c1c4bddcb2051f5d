package io.kveik.server.cache;

/** What a block's time to live counts from. */
public enum TtlKind {
  /** The moment it was set. */
  ABSOLUTE(0),
  /** The latest lookup that found the block; from when it was set until there is one. */
  LAST_USE(1),
  /** The first lookup that finds the block; until there is one it lives on. */
  FIRST_USE(2);

  private static final TtlKind[] BY_CODE = values();

  /** What stands for it in an expiry record. */
  final int code;

  TtlKind(int code) {
    this.code = code;
  }

  static TtlKind ofCode(int code) {
    return BY_CODE[code];
  }
}
