package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TagTableTest {
  /** Few distinct tags make long runs of equal ones, many fill pages until they split. */
  @ParameterizedTest(name = "seed {0}, {1} tags")
  @CsvSource({"1, 200", "2, 5000", "3, 100000", "4, 2147483647"})
  void holdsWhatAMapHolds(long seed, int tags) {
    Random random = new Random(seed);
    Map<Integer, Set<Integer>> model = new HashMap<>();
    List<int[]> entries = new ArrayList<>();
    try (RecordMemory memory = RecordMemory.open()) {
      TagTable table = new TagTable(memory);
      int most = Math.min(60_000, 4 * tags);
      for (int step = 1; step <= 300_000; step++) {
        boolean growing = step / 50_000 % 2 == 0;
        if (entries.size() < most && random.nextInt(10) < (growing ? 8 : 3)) {
          // Multiplied, so that few tags spread over the whole space too.
          int tag = random.nextInt(tags) * 0x9E3779B1;
          table.add(tag, step);
          model.computeIfAbsent(tag, _ -> new HashSet<>()).add(step);
          entries.add(new int[] {tag, step});
        } else if (!entries.isEmpty()) {
          int[] entry = entries.set(random.nextInt(entries.size()), entries.getLast());
          entries.removeLast();
          int version = table.version(entry[0]);
          table.remove(entry[0], entry[1]);
          assertThat(table.unchanged(entry[0], version)).isFalse();
          model.getOrDefault(entry[0], Set.of()).remove(entry[1]);
        }
        if (!entries.isEmpty()) {
          int tag = entries.get(random.nextInt(entries.size()))[0];
          assertThat(ids(table, tag)).as("seed %d step %d", seed, step).isEqualTo(model.get(tag));
        }
      }
      model.forEach((tag, ids) -> assertThat(ids(table, tag)).isEqualTo(ids));
    }
  }

  /**
   * Tags 0 and 1 are those of words without an entry; few tags make lines that hold several entries
   * of one, and lines that searches pass.
   */
  @ParameterizedTest(name = "seed {0}, {1} tags")
  @CsvSource({"8, 300", "9, 2000", "10, 1000000"})
  void tagsThatAreLookedUpTogetherFindWhatEachFindsAlone(long seed, int tags) {
    Random random = new Random(seed);
    List<int[]> entries = new ArrayList<>();
    TagProbes probes = new TagProbes();
    int found = 0;
    int missed = 0;
    try (RecordMemory memory = RecordMemory.open()) {
      TagTable table = new TagTable(memory);
      for (int step = 1; step <= 60_000; step++) {
        boolean growing = step / 10_000 % 2 == 0;
        if (entries.size() < 4 * tags && random.nextInt(10) < (growing ? 8 : 3)) {
          int tag = someTag(random, tags, 256);
          table.add(tag, step);
          entries.add(new int[] {tag, step});
        } else if (!entries.isEmpty()) {
          int[] entry = entries.set(random.nextInt(entries.size()), entries.getLast());
          entries.removeLast();
          table.remove(entry[0], entry[1]);
        }
        if (step % 10 == 0) {
          probes.clear();
          int size = random.nextInt(TagProbes.CAPACITY + 1);
          while (probes.size() < size) {
            boolean present = random.nextBoolean() && !entries.isEmpty();
            probes.add(
                present
                    ? entries.get(random.nextInt(entries.size()))[0]
                    : someTag(random, 2 * tags, 8));
          }
          table.first(probes);
          for (int i = 0; i < size; i++) {
            int tag = probes.tags[i];
            assertThat(probes.ids[i])
                .as("seed %d step %d tag %d", seed, step, tag)
                .isEqualTo(TagTable.id(table.first(tag)));
            assertThat(table.unchanged(tag, probes.versions[i])).isTrue();
            if (probes.ids[i] == Records.NONE) {
              missed++;
            } else {
              found++;
            }
          }
        }
      }
    }
    assertThat(found).isPositive();
    assertThat(missed).isPositive();
  }

  /** Of all over the space, one in {@code rarity} of them 0 or 1. */
  private static int someTag(Random random, int tags, int rarity) {
    return random.nextInt(rarity) == 0 ? random.nextInt(2) : random.nextInt(tags) * 0x9E3779B1;
  }

  @Test
  void removingWhatIsNotThereIsABug() {
    try (RecordMemory memory = RecordMemory.open()) {
      TagTable table = new TagTable(memory);
      table.add(5, 1);
      assertThatThrownBy(() -> table.remove(5, 2)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void tagsThatAreNoHashAreRefusedBeforeTheyTakeAllMemory() {
    try (RecordMemory memory = RecordMemory.open()) {
      TagTable table = new TagTable(memory);
      assertThatThrownBy(
              () -> {
                for (int id = 1; id <= TagPageDescriptor.WORDS; id++) {
                  table.add(5, id);
                }
              })
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("entries of one tag");
    }
  }

  @Test
  void staysTwoThirdsFullAtAnySizeAndWhateverComesAndGoes() {
    Random random = new Random(5);
    try (RecordMemory memory = RecordMemory.open()) {
      TagTable table = new TagTable(memory);
      List<Integer> tags = new ArrayList<>();
      for (int id = 1; id <= 800_000; id++) {
        tags.add(random.nextInt());
        table.add(tags.getLast(), id);
        if (id >= 200_000 && id % 50_000 == 0) {
          assertThat((double) memory.usedBytes() / id).as("at %d", id).isBetween(12.0, 14.0);
        }
      }
      for (int step = 0; step < 1_600_000; step++) {
        int id = random.nextInt(tags.size());
        table.remove(tags.get(id), id + 1);
        tags.set(id, random.nextInt());
        table.add(tags.get(id), id + 1);
      }
      assertThat((double) memory.usedBytes() / tags.size()).as("after churn").isLessThan(16.0);
    }
  }

  /**
   * A reader may be in a page while it is replaced, so an entry that is elsewhere afterwards needs
   * another version: else the reader would trust a page that is recycled.
   */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {6, 7})
  void whoReadsAPageThatIsReplacedIsTold(long seed) {
    Random random = new Random(seed);
    int[] staying = random.ints(64).toArray();
    int[] versions = new int[staying.length];
    long[] hits = new long[staying.length];
    List<int[]> passing = new ArrayList<>();
    int movedBySplits = 0;
    int movedByCleaning = 0;
    try (RecordMemory memory = RecordMemory.open()) {
      TagTable table = new TagTable(memory);
      for (int i = 0; i < staying.length; i++) {
        table.add(staying[i], i + 1);
      }
      for (int id = staying.length + 1; id <= 60_000; id++) {
        for (int i = 0; i < staying.length; i++) {
          versions[i] = table.version(staying[i]);
          hits[i] = table.first(staying[i]);
        }
        long usedBefore = memory.usedBytes();
        passing.add(new int[] {random.nextInt(), id});
        table.add(passing.getLast()[0], id);
        for (int i = 0; i < staying.length; i++) {
          if (table.first(staying[i]) != hits[i]) {
            assertThat(table.unchanged(staying[i], versions[i]))
                .as("seed %d, id %d: tag %d moved", seed, id, staying[i])
                .isFalse();
            if (memory.usedBytes() > usedBefore) {
              movedBySplits++;
            } else {
              movedByCleaning++;
            }
          }
        }
        if (passing.size() > 8_000) {
          int[] leaving = passing.set(random.nextInt(passing.size()), passing.getLast());
          passing.removeLast();
          table.remove(leaving[0], leaving[1]);
        }
      }
    }
    assertThat(movedBySplits).isPositive();
    assertThat(movedByCleaning).isPositive();
  }

  private static Set<Integer> ids(TagTable table, int tag) {
    Set<Integer> ids = new HashSet<>();
    for (long hit = table.first(tag); hit != TagTable.NONE; hit = table.next(hit, tag)) {
      assertThat(ids.add(TagTable.id(hit))).isTrue();
    }
    return ids;
  }
}
