package io.kveik.server.tier.object.presence;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;

/**
 * What presence digests could be made of, side by side: memory, false positives, time to make and
 * to ask. The two that lost live here and nowhere else. Run {@code main}; arguments are numbers of
 * keys. The table in docs/benchmarks.md is its output.
 */
final class FilterComparison {
  private static final long SEED = 20261121;
  private static final int ABSENT_KEYS = 4_000_000;
  private static final int ASKED_KEYS = 1 << 20;

  private FilterComparison() {}

  public static void main(String[] args) {
    int[] counts =
        args.length == 0
            ? new int[] {1_000, 10_000, 100_000, 1_000_000, 10_000_000}
            : Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
    System.out.printf(
        "%-28s %10s %9s %9s %8s %9s %9s%n",
        "filter", "keys", "bits/key", "false +", "made ms", "hit ns", "miss ns");
    for (int count : counts) {
      long[] keys = new SplittableRandom(SEED).longs(count).toArray();
      measure("split-block Bloom, 12 bits", keys, () -> SplitBlockBloom.of(keys, 12));
      measure("binary fuse, 8 bits", keys, () -> BinaryFuse8.of(keys));
      measure("exact, 64 bits", keys, () -> exact(keys));
      measure(
          "Elias-Fano fingerprints",
          keys,
          () -> {
            FingerprintSet set = FingerprintSet.of(keys.clone(), count, Precision.forBlocks(count));
            return new Candidate(8 * set.bytes(), set::mayContain);
          });
      measureMerge(keys);
    }
  }

  private record Candidate(long bits, LongPredicate mayContain) {}

  private interface Maker {
    Candidate make();
  }

  private static void measure(String name, long[] keys, Maker maker) {
    Candidate filter = maker.make();
    for (long key : keys) {
      if (!filter.mayContain().test(key)) {
        throw new AssertionError(name + " denies a member");
      }
    }
    long start = System.nanoTime();
    filter = maker.make();
    double madeMillis = (System.nanoTime() - start) / 1e6;
    SplittableRandom random = new SplittableRandom(SEED + 1);
    long falsePositives = 0;
    for (int i = 0; i < ABSENT_KEYS; i++) {
      falsePositives += filter.mayContain().test(random.nextLong()) ? 1 : 0;
    }
    long[] members = new long[ASKED_KEYS];
    Arrays.setAll(members, _ -> keys[random.nextInt(keys.length)]);
    long[] strangers = random.longs(ASKED_KEYS).toArray();
    System.out.printf(
        "%-28s %10d %9.2f %8.3f%% %8.1f %9.1f %9.1f%n",
        name,
        keys.length,
        filter.bits() / (double) keys.length,
        100.0 * falsePositives / ABSENT_KEYS,
        madeMillis,
        nanos(filter, members),
        nanos(filter, strangers));
  }

  /** The best of five rounds: what else runs on the machine only adds. */
  private static double nanos(Candidate filter, long[] asked) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      int found = 0;
      long start = System.nanoTime();
      for (long key : asked) {
        found += filter.mayContain().test(key) ? 1 : 0;
      }
      best = Math.min(best, (System.nanoTime() - start) / (double) asked.length);
      unusedSink = found;
    }
    return best;
  }

  /** Read by nobody; keeps the compiler from leaving the questions out. */
  private static volatile int unusedSink;

  private static void measureMerge(long[] keys) {
    int half = keys.length / 2;
    List<FingerprintSet> halves =
        List.of(
            FingerprintSet.of(Arrays.copyOf(keys, half), half, Precision.SOURCE_BITS),
            FingerprintSet.of(
                Arrays.copyOfRange(keys, half, keys.length),
                keys.length - half,
                Precision.SOURCE_BITS));
    double best = Double.MAX_VALUE;
    for (int round = 0; round < 3; round++) {
      long start = System.nanoTime();
      FingerprintSet.union(halves, Precision.forBlocks(keys.length));
      best = Math.min(best, (System.nanoTime() - start) / (double) keys.length);
    }
    System.out.printf("%-28s %10d %39.1f ns/key%n", "  merge of two halves", keys.length, best);
  }

  private static Candidate exact(long[] keys) {
    long[] sorted = keys.clone();
    Arrays.sort(sorted);
    return new Candidate(
        (long) Long.SIZE * sorted.length, key -> Arrays.binarySearch(sorted, key) >= 0);
  }

  /**
   * A Bloom filter that sets one bit in each of the eight words of one 32-byte block (Putze,
   * Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007).
   */
  private static final class SplitBlockBloom {
    private static final int WORDS = 8;
    private static final int BLOCK_BITS = 256;
    private static final int[] SALTS = {
      0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31
    };

    static Candidate of(long[] keys, int bitsPerKey) {
      int blocks = (int) Math.ceilDiv((long) keys.length * bitsPerKey, BLOCK_BITS);
      int[] words = new int[blocks * WORDS];
      for (long key : keys) {
        int block = blockOf(key, blocks);
        for (int i = 0; i < WORDS; i++) {
          words[block + i] |= 1 << bitOf(key, i);
        }
      }
      return new Candidate(
          (long) Integer.SIZE * words.length,
          key -> {
            int block = blockOf(key, blocks);
            for (int i = 0; i < WORDS; i++) {
              if ((words[block + i] & 1 << bitOf(key, i)) == 0) {
                return false;
              }
            }
            return true;
          });
    }

    /** The first word of the block that the key's upper half picks. */
    private static int blockOf(long key, int blocks) {
      return (int) (((key >>> 32) * blocks) >>> 32) * WORDS;
    }

    /** The bit of a word that the key's lower half picks. */
    private static int bitOf(long key, int word) {
      return ((int) key * SALTS[word]) >>> 27;
    }
  }

  /** Graf and Lemire, "Binary Fuse Filters: Fast and Smaller Than Xor Filters", 2022. */
  private static final class BinaryFuse8 {
    private final int segmentLength;
    private final int segmentsLength;
    private final byte[] table;
    private final long salt;

    private BinaryFuse8(long[] keys, long salt) {
      int count = keys.length;
      this.salt = salt;
      this.segmentLength = 1 << (int) Math.floor(Math.log(count) / Math.log(3.33) + 2.25);
      double factor = Math.max(1.125, 0.875 + 0.25 * Math.log(1e6) / Math.log(count));
      int segments = Math.max(1, (int) Math.ceil(count * factor / segmentLength) - 2);
      this.segmentsLength = segments * segmentLength;
      this.table = new byte[segmentsLength + 2 * segmentLength];
    }

    static Candidate of(long[] keys) {
      for (long salt = SEED; ; salt++) {
        BinaryFuse8 filter = new BinaryFuse8(keys, salt);
        if (filter.fill(keys)) {
          return new Candidate((long) Byte.SIZE * filter.table.length, filter::mayContain);
        }
      }
    }

    /** Peels places that one key alone wants; false when keys are left over. */
    private boolean fill(long[] keys) {
      int[] wanted = new int[table.length];
      long[] mixed = new long[table.length];
      for (long key : keys) {
        long hash = hash(key);
        for (int i = 0; i < 3; i++) {
          wanted[place(hash, i)]++;
          mixed[place(hash, i)] ^= hash;
        }
      }
      int[] alone = new int[table.length];
      int known = 0;
      for (int at = 0; at < table.length; at++) {
        if (wanted[at] == 1) {
          alone[known++] = at;
        }
      }
      long[] order = new long[keys.length];
      int[] places = new int[keys.length];
      int peeled = 0;
      while (known > 0) {
        int at = alone[--known];
        if (wanted[at] != 1) {
          continue;
        }
        long hash = mixed[at];
        order[peeled] = hash;
        places[peeled++] = at;
        for (int i = 0; i < 3; i++) {
          int other = place(hash, i);
          mixed[other] ^= hash;
          if (--wanted[other] == 1) {
            alone[known++] = other;
          }
        }
      }
      for (int i = peeled - 1; i >= 0; i--) {
        table[places[i]] = 0;
        table[places[i]] = (byte) (fingerprint(order[i]) ^ stored(order[i]));
      }
      return peeled == keys.length;
    }

    private boolean mayContain(long key) {
      long hash = hash(key);
      return (byte) (fingerprint(hash) ^ stored(hash)) == 0;
    }

    private int stored(long hash) {
      return table[place(hash, 0)] ^ table[place(hash, 1)] ^ table[place(hash, 2)];
    }

    private int place(long hash, int which) {
      int first = (int) Math.unsignedMultiplyHigh(hash, segmentsLength);
      int within = (int) (hash >>> (36 - 18 * which)) & (segmentLength - 1);
      return which == 0 ? first : (first + which * segmentLength) ^ within;
    }

    private long hash(long key) {
      long mixed = (key + salt) * 0xBF58476D1CE4E5B9L;
      mixed = (mixed ^ mixed >>> 31) * 0x94D049BB133111EBL;
      return mixed ^ mixed >>> 29;
    }

    private static int fingerprint(long hash) {
      return (int) (hash ^ hash >>> 32);
    }
  }
}
