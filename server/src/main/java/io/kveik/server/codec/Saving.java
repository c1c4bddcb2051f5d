package io.kveik.server.codec;

/** What encoding must save: a tenth, or the payload is better stored as it is. */
final class Saving {
  private static final int LEAST_PERCENT = 10;

  private Saving() {}

  /** The most bytes that an encoded form of so many may have; 0 when none is short enough. */
  static int limitBytes(int rawBytes) {
    return (int) (rawBytes * (100L - LEAST_PERCENT) / 100);
  }
}
