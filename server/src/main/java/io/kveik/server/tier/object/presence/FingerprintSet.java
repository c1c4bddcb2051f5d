package io.kveik.server.tier.object.presence;

import java.util.Arrays;
import java.util.List;

/**
 * An immutable set of the leading {@link #bits} bits of block keys, which are uniform: a member is
 * always found, another key with a probability of {@code size / 2^bits}.
 *
 * <p>The sorted fingerprints are in Elias-Fano coding: of each the {@code lowBits} low bits stand
 * in a row, the high bits in unary, as a 1 for each fingerprint and a 0 at the end of each value of
 * the high bits. That takes 2 to 3 bits above {@code bits - log2(size)}, which is 11 to 12 in all
 * at a false positive in 512 to 1,024. Unlike Bloom and fuse filters, sets merge into one of any
 * lower precision without their keys. O(1) to ask, no allocation. Any thread.
 *
 * <p>Coding: P. Elias, "Efficient storage and retrieval by content and address of static files", J.
 * ACM 21 (1974); S. Vigna, "Quasi-succinct indices", WSDM 2013.
 */
final class FingerprintSet {
  static final int MAX_BITS = 48;

  /** More would overflow the bit positions of the high part. */
  static final int MAX_SIZE = 1 << 28;

  /** High values between two known places in the unary part: a search reads some 5 words. */
  private static final int SAMPLE_SHIFT = 8;

  private final int bits;
  private final int size;
  private final int lowBits;

  /** One word more than the low bits need, so that a value across two words needs no test. */
  private final long[] low;

  private final long[] high;

  /** Bit position in {@link #high} where each {@code 2^SAMPLE_SHIFT}th high value begins. */
  private final int[] samples;

  private FingerprintSet(int bits, int size, int lowBits, long[] low, long[] high) {
    this.bits = bits;
    this.size = size;
    this.lowBits = lowBits;
    this.low = low;
    this.high = high;
    this.samples = sample(high, 1L << (bits - lowBits));
  }

  /** Fingerprints in order, each once. */
  interface Cursor {
    /** The next, unsigned; -1 at the end. */
    long next();
  }

  /**
   * Makes a set of the first {@code count} hashes of the array, which gets sorted.
   *
   * @param hashes uniform 64-bit words of keys
   */
  static FingerprintSet of(long[] hashes, int count, int bits) {
    checkBits(bits);
    for (int i = 0; i < count; i++) {
      hashes[i] >>>= Long.SIZE - bits;
    }
    Arrays.sort(hashes, 0, count);
    int distinct = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || hashes[i] != hashes[i - 1]) {
        hashes[distinct++] = hashes[i];
      }
    }
    FingerprintSetBuilder builder = new FingerprintSetBuilder(bits, distinct);
    for (int i = 0; i < distinct; i++) {
      builder.add(hashes[i]);
    }
    return builder.build();
  }

  /**
   * The union of sets, at a precision that all of them have. O(size × sets), no memory but the
   * union's.
   *
   * @throws IllegalArgumentException if a set is less precise, or the union would be too large
   */
  static FingerprintSet union(List<FingerprintSet> sets, int bits) {
    checkBits(bits);
    FingerprintUnion counting = new FingerprintUnion(sets, bits);
    long count = 0;
    while (counting.next() >= 0) {
      count++;
    }
    FingerprintSetBuilder builder = new FingerprintSetBuilder(bits, count);
    FingerprintUnion merging = new FingerprintUnion(sets, bits);
    for (long value = merging.next(); value >= 0; value = merging.next()) {
      builder.add(value);
    }
    return builder.build();
  }

  /**
   * A set of coded words, as {@link #lowWords} and {@link #highWords} told them.
   *
   * @throws IllegalArgumentException if they are no coding of a set of that size
   */
  static FingerprintSet ofWords(int bits, int size, long[] low, long[] high) {
    checkBits(bits);
    int lowBits = lowBits(bits, size);
    if (low.length != lowWords(bits, size) || high.length != highWords(bits, size)) {
      throw new IllegalArgumentException("words do not fit a set of " + size + " at " + bits);
    }
    long ones = 0;
    for (long word : high) {
      ones += Long.bitCount(word);
    }
    // That many ones leave the zeros that end the high values, and none follows the last of those.
    if (ones != size || !endsWithZeros(high, size + (1L << (bits - lowBits)))) {
      throw new IllegalArgumentException(ones + " fingerprints are coded, the size is " + size);
    }
    return new FingerprintSet(bits, size, lowBits, low, high);
  }

  /** The same from parts that need no check. */
  static FingerprintSet ofBuilt(int bits, int size, long[] low, long[] high) {
    return new FingerprintSet(bits, size, lowBits(bits, size), low, high);
  }

  /** Low bits of each fingerprint that are stored as they are. */
  static int lowBits(int bits, long size) {
    int high = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, size) - 1);
    return Math.max(0, bits - high);
  }

  static int lowWords(int bits, long size) {
    return (int) (Math.ceilDiv(size * lowBits(bits, size), Long.SIZE) + 1);
  }

  static int highWords(int bits, long size) {
    return (int) Math.ceilDiv(size + (1L << (bits - lowBits(bits, size))), Long.SIZE);
  }

  /** False only if no key with that hash is in the set. */
  boolean mayContain(long hash) {
    long value = hash >>> (Long.SIZE - bits);
    long wantedLow = value & mask(lowBits);
    int wantedHigh = (int) (value >>> lowBits);
    int at = startOf(wantedHigh);
    while (bit(high, at)) {
      if (low(at - wantedHigh) == wantedLow) {
        return true;
      }
      at++;
    }
    return false;
  }

  int size() {
    return size;
  }

  /** The precision: how many leading bits of keys it holds. */
  int bits() {
    return bits;
  }

  /** How likely it is that a key not in the set is taken for one that is. */
  double falsePositiveRate() {
    return size / (double) (1L << bits);
  }

  /** Memory it takes. */
  long bytes() {
    return (long) Long.BYTES * (low.length + high.length) + (long) Integer.BYTES * samples.length;
  }

  /** The packed low bits, with one word after them; not to be written to. */
  long[] lowWords() {
    return low;
  }

  /** The unary high bits; not to be written to. */
  long[] highWords() {
    return high;
  }

  /** All fingerprints at a precision no higher than the set's own. */
  Cursor cursor(int atBits) {
    int shift = bits - atBits;
    return new Cursor() {
      private int index;
      private int at;
      private long last = -1;

      @Override
      public long next() {
        while (index < size) {
          while (!bit(high, at)) {
            at++;
          }
          long value = ((long) (at - index) << lowBits | low(index)) >>> shift;
          index++;
          at++;
          if (value != last) {
            last = value;
            return value;
          }
        }
        return -1;
      }
    };
  }

  private int startOf(int highValue) {
    int sample = highValue >>> SAMPLE_SHIFT;
    int at = samples[sample];
    int zeros = highValue - (sample << SAMPLE_SHIFT);
    if (zeros == 0) {
      return at;
    }
    int word = at >>> 6;
    long open = ~high[word] & (-1L << at);
    for (int here = Long.bitCount(open); here < zeros; here = Long.bitCount(open)) {
      zeros -= here;
      open = ~high[++word];
    }
    for (int i = 1; i < zeros; i++) {
      open &= open - 1;
    }
    return (word << 6) + Long.numberOfTrailingZeros(open) + 1;
  }

  private long low(int index) {
    if (lowBits == 0) {
      return 0;
    }
    long bit = (long) index * lowBits;
    int word = (int) (bit >>> 6);
    int shift = (int) bit & 63;
    // Shifted in two steps: by 64 at once would be by none.
    long value = low[word] >>> shift | low[word + 1] << 1 << (63 - shift);
    return value & mask(lowBits);
  }

  private static int[] sample(long[] high, long highValues) {
    int[] samples = new int[(int) Math.ceilDiv(highValues, 1 << SAMPLE_SHIFT)];
    int zeros = 0;
    for (int at = 0, next = 1; next < samples.length; at++) {
      if (!bit(high, at) && (++zeros & ((1 << SAMPLE_SHIFT) - 1)) == 0) {
        samples[next++] = at + 1;
      }
    }
    return samples;
  }

  private static boolean endsWithZeros(long[] high, long usedBits) {
    if (bit(high, (int) (usedBits - 1))) {
      return false;
    }
    long unused = high.length * (long) Long.SIZE - usedBits;
    return unused == 0 || high[high.length - 1] >>> (Long.SIZE - unused) == 0;
  }

  private static boolean bit(long[] words, int at) {
    return (words[at >>> 6] >>> at & 1) != 0;
  }

  private static long mask(int bits) {
    return (1L << bits) - 1;
  }

  private static void checkBits(int bits) {
    if (bits < 1 || bits > MAX_BITS) {
      throw new IllegalArgumentException("bits=" + bits + ", must be 1 to " + MAX_BITS);
    }
  }
}
