package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.runtime.ManualTime;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bandwidth and courtesy of background work, with time that stands still. */
class BackgroundPaceTest {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private final ManualTime time = new ManualTime();

  /** Advances past what the pace asks for; returns the milliseconds that took. */
  private long startWhenAllowed(BackgroundPace pace, long bytes) {
    long waited = 0;
    long nanos;
    while ((nanos = pace.tryStart(bytes, 0)) > 0) {
      long millis = nanos / NANOS_PER_MILLI + 1;
      time.advance(millis);
      waited += millis;
    }
    return waited;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void keepsToTheBandwidthWhateverTheSizes(long seed) {
    Random random = new Random(seed);
    long rate = 1_000_000;
    BackgroundPace pace = new BackgroundPace(rate, 0, time);
    long bytes = 0;
    long millis = 0;
    for (int i = 0; i < 2_000; i++) {
      long block = 1L + random.nextInt(300_000);
      millis += startWhenAllowed(pace, block);
      bytes += block;
      assertThat(bytes)
          .as("seed %d, block %d: a burst and one block overdrawn at most", seed, i)
          .isLessThanOrEqualTo(rate * millis / 1_000 + rate / 10 + 300_000);
    }
    assertThat(bytes).as("and makes use of it").isGreaterThan(rate * millis / 1_000 * 95 / 100);
  }

  @Test
  void withoutBoundsEverythingMayStart() {
    BackgroundPace pace = new BackgroundPace(0, 0, time);
    pace.readBegins();
    for (int i = 0; i < 100; i++) {
      assertThat(pace.tryStart(1 << 20, i)).isZero();
    }
  }

  @Test
  void whileReadsGoOnOneBlockStartsInEachPause() {
    BackgroundPace pace = new BackgroundPace(0, 5, time);
    assertThat(pace.tryStart(1, 0)).isZero();
    assertThat(pace.tryStart(1, 1)).as("no reads: several at a time").isZero();
    pace.readBegins();
    assertThat(pace.tryStart(1, 2)).isEqualTo(Long.MAX_VALUE);
    assertThat(pace.tryStart(1, 0)).isEqualTo(5 * NANOS_PER_MILLI);
    time.advance(5);
    assertThat(pace.tryStart(1, 0)).isZero();
    time.advance(2);
    pace.readEnds();
    assertThat(pace.tryStart(1, 0)).as("still busy").isEqualTo(3 * NANOS_PER_MILLI);
    time.advance(5);
    assertThat(pace.tryStart(1, 0)).isZero();
    assertThat(pace.tryStart(1, 1)).isZero();
  }

  @Test
  void tellsWhenTheLastReadEnds() {
    BackgroundPace pace = new BackgroundPace(0, 5, time);
    AtomicInteger quiet = new AtomicInteger();
    pace.onQuiet(quiet::incrementAndGet);
    pace.readBegins();
    pace.readBegins();
    pace.readEnds();
    assertThat(quiet).hasValue(0);
    pace.readEnds();
    assertThat(quiet).hasValue(1);
  }
}
