package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.AckLevel;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sample of last uses against a map of all of them. */
class UseTimesTest {
  @ParameterizedTest(name = "seed {0}, {1} keys")
  @CsvSource({"1, 100", "2, 5000", "3, 40000"})
  void everyKeyOfTheSampleHasItsLastUse(long seed, int keys) {
    Random random = new Random(seed);
    UseTimes times = new UseTimes();
    Map<Long, Long> model = new HashMap<>();
    for (int step = 0; step < 300_000; step++) {
      long key = (1L + random.nextInt(keys)) << 33;
      if (random.nextInt(5) == 0) {
        times.forget(key);
        model.remove(key);
      } else {
        times.used(key, step);
        model.put(key, (long) step);
      }
      assertThat(times.size()).isLessThanOrEqualTo(UseTimes.MOST);
    }
    int sampled = 0;
    for (long key = 1L << 33; key <= (long) keys << 33; key += 1L << 33) {
      long lastUse = times.lastUse(key);
      if (lastUse != UseTimes.UNKNOWN) {
        sampled++;
        assertThat(lastUse).as("seed %d key %d", seed, key).isEqualTo(model.get(key));
      }
    }
    assertThat(sampled).isEqualTo(times.size());
    assertThat(sampled).isGreaterThan(Math.min(model.size(), UseTimes.MOST / 4) - 1);
  }

  @Test
  void theAgeOfWhatIsEvictedIsSinceItsLastUse() {
    try (EngineFixture one = new EngineFixture(8, 8, false)) {
      assertThat(one.status(0).evictionAgeMillis()).isEqualTo(-1);
      for (long id = 1; id <= 40; id++) {
        one.time.advance(1_000);
        one.write(id, 0, AckLevel.MEMORY);
      }
      // Eight blocks fit, so each goes when it is eight writes old.
      assertThat(one.status(0).evictionAgeMillis()).isEqualTo(8_000);
    }
  }
}
