package io.kveik.server.tier.object.presence;

/** Codes a known number of fingerprints that come in order. One thread. */
final class FingerprintSetBuilder {
  private final int bits;
  private final int size;
  private final int lowBits;
  private final long[] low;
  private final long[] high;
  private int added;

  /**
   * @throws IllegalArgumentException if a set can't be that large
   */
  FingerprintSetBuilder(int bits, long size) {
    if (size > FingerprintSet.MAX_SIZE) {
      throw new IllegalArgumentException(
          "a set of " + size + " fingerprints, at most " + FingerprintSet.MAX_SIZE + " can be");
    }
    this.bits = bits;
    this.size = (int) size;
    this.lowBits = FingerprintSet.lowBits(bits, size);
    this.low = new long[FingerprintSet.lowWords(bits, size)];
    this.high = new long[FingerprintSet.highWords(bits, size)];
  }

  /** Adds a fingerprint that is greater than the one before. */
  void add(long fingerprint) {
    int at = (int) (fingerprint >>> lowBits) + added;
    high[at >>> 6] |= 1L << at;
    if (lowBits > 0) {
      addLow(fingerprint & ((1L << lowBits) - 1));
    }
    added++;
  }

  FingerprintSet build() {
    if (added != size) {
      throw new IllegalStateException(added + " fingerprints added, announced were " + size);
    }
    return FingerprintSet.ofBuilt(bits, size, low, high);
  }

  private void addLow(long value) {
    long bit = (long) added * lowBits;
    int word = (int) (bit >>> 6);
    int shift = (int) bit & 63;
    low[word] |= value << shift;
    low[word + 1] |= value >>> 1 >>> (63 - shift);
  }
}
