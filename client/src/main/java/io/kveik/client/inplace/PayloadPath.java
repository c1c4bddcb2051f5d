package io.kveik.client.inplace;

/**
 * Where a message has its payload: the numbers of the fields that lead to it, outermost first.
 * Immutable.
 */
public final class PayloadPath {
  private final int[] fields;

  private PayloadPath(int[] fields) {
    this.fields = fields;
  }

  /**
   * @param fields at least one; all but the last are messages, the last is of type bytes
   */
  public static PayloadPath of(int... fields) {
    if (fields.length == 0) {
      throw new IllegalArgumentException("fields: none, must be at least one");
    }
    return new PayloadPath(fields.clone());
  }

  int field(int level) {
    return fields[level];
  }

  boolean endsAt(int level) {
    return level == fields.length - 1;
  }
}
