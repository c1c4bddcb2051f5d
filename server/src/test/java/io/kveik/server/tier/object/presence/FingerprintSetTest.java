package io.kveik.server.tier.object.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintSetTest {
  private static final long SEED = 20261121;
  private final SplittableRandom random = new SplittableRandom(SEED);

  @ParameterizedTest(name = "{0} keys at {1} bits")
  @CsvSource({
    "0, 26",
    "1, 26",
    "1, 1",
    "2, 48",
    "3, 2",
    "63, 26",
    "64, 26",
    "65, 26",
    "127, 7",
    "128, 7",
    "129, 8",
    "1000, 10",
    "1000, 6",
    "4096, 12",
    "4097, 40",
    "100000, 26",
    "100000, 48"
  })
  void holdsWhatASortedSetHolds(int keys, int bits) {
    long[] hashes = hashes(keys);
    NavigableSet<Long> model = model(hashes, bits);
    FingerprintSet set = FingerprintSet.of(hashes.clone(), keys, bits);

    assertThat(set.size()).isEqualTo(model.size());
    assertThat(drained(set.cursor(bits))).isEqualTo(List.copyOf(model));
    for (long hash : hashes) {
      assertThat(set.mayContain(hash)).isTrue();
    }
    for (int i = 0; i < 10_000; i++) {
      long hash = random.nextLong();
      assertThat(set.mayContain(hash)).isEqualTo(model.contains(hash >>> (Long.SIZE - bits)));
    }
  }

  @Test
  void edgesOfTheUniverseAreMembersLikeOthers() {
    FingerprintSet set = FingerprintSet.of(new long[] {0, -1, Long.MIN_VALUE}, 3, 48);

    assertThat(set.mayContain(0)).isTrue();
    assertThat(set.mayContain(-1)).isTrue();
    assertThat(set.mayContain(Long.MIN_VALUE)).isTrue();
    assertThat(set.mayContain(Long.MAX_VALUE)).isFalse();
    assertThat(set.mayContain(1L << 16)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 20, 26, 40})
  void unionIsTheSetOfAllKeysAtTheLowerPrecision(int bits) {
    List<FingerprintSet> parts = new ArrayList<>();
    NavigableSet<Long> model = new TreeSet<>();
    for (int keys : new int[] {0, 1, 5_000, 777, 20_000}) {
      long[] hashes = hashes(keys);
      model.addAll(model(hashes, bits));
      parts.add(FingerprintSet.of(hashes, keys, 40));
    }
    parts.add(parts.get(2));

    FingerprintSet union = FingerprintSet.union(parts, bits);

    assertThat(drained(union.cursor(bits))).isEqualTo(List.copyOf(model));
  }

  @Test
  void aSetCannotBecomeMorePrecise() {
    FingerprintSet set = FingerprintSet.of(hashes(10), 10, 26);

    assertThatThrownBy(() -> FingerprintSet.union(List.of(set), 27))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("26 bits");
  }

  @Test
  void precisionIsBounded() {
    assertThatThrownBy(() -> FingerprintSet.of(new long[0], 0, 49))
        .hasMessage("bits=49, must be 1 to 48");
  }

  @Test
  void wordsThatCodeNoSetAreRefused() {
    FingerprintSet set = FingerprintSet.of(hashes(1_000), 1_000, 26);
    long[] low = set.lowWords();
    long[] high = set.highWords();

    assertThat(drained(FingerprintSet.ofWords(26, 1_000, low, high).cursor(26)))
        .isEqualTo(drained(set.cursor(26)));
    assertThatThrownBy(() -> FingerprintSet.ofWords(26, 1_100, low, high))
        .isInstanceOf(IllegalArgumentException.class);
    for (int word = 0; word < high.length; word++) {
      long[] flipped = high.clone();
      flipped[word] ^= 1L << random.nextInt(Long.SIZE);
      assertThatThrownBy(() -> FingerprintSet.ofWords(26, 1_000, low, flipped))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private long[] hashes(int count) {
    return random.longs(count).toArray();
  }

  private static NavigableSet<Long> model(long[] hashes, int bits) {
    NavigableSet<Long> model = new TreeSet<>();
    for (long hash : hashes) {
      model.add(hash >>> (Long.SIZE - bits));
    }
    return model;
  }

  private static List<Long> drained(FingerprintSet.Cursor cursor) {
    List<Long> values = new ArrayList<>();
    for (long value = cursor.next(); value >= 0; value = cursor.next()) {
      values.add(value);
    }
    return values;
  }
}
