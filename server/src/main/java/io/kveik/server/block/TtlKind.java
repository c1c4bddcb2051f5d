package io.kveik.server.block;

/** What a block's time to live counts from. */
public enum TtlKind {
  /** The moment it was set. */
  ABSOLUTE(0),
  /** The latest lookup that found the block; from when it was set until there is one. */
  LAST_USE(1),
  /** The first lookup that finds the block; until there is one it lives on. */
  FIRST_USE(2);

  private static final TtlKind[] BY_CODE = values();

  private final int code;

  TtlKind(int code) {
    this.code = code;
  }

  /** Its number in stored headers and journals; never given to another kind. */
  public int code() {
    return code;
  }

  /** True for a number that {@link #ofCode} knows. */
  public static boolean isCode(int code) {
    return code >= 0 && code < BY_CODE.length;
  }

  /**
   * The kind with that number; absolute, which ends soonest, for one that a later version may have
   * written.
   */
  public static TtlKind ofCode(int code) {
    return isCode(code) ? BY_CODE[code] : ABSOLUTE;
  }
}
