package io.kveik.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.report.Operation;
import io.kveik.bench.run.StopSignal;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What an open loop has to say of a slow store. Stores here can only be slower than they are told
 * to be, so every bound is from below or on counts.
 */
class OpenLoopTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  @Test
  void arrivalsAreEvenlySpacedAndEnd() {
    Arrivals arrivals = new Arrivals(1_000, TimeUnit.SECONDS.toNanos(1), 4);
    assertThat(arrivals.count()).isEqualTo(4);
    assertThat(arrivals.take()).isEqualTo(1_000);
    assertThat(arrivals.take()).isEqualTo(1_000 + 250 * MILLI);
    assertThat(arrivals.take()).isEqualTo(1_000 + 500 * MILLI);
    assertThat(arrivals.take()).isEqualTo(1_000 + 750 * MILLI);
    assertThat(arrivals.take()).isEqualTo(Arrivals.NONE);
    assertThat(arrivals.take()).isEqualTo(Arrivals.NONE);
  }

  /**
   * One client, 1,000 calls a second, and one call of 300 ms: 300 others wait behind it, so that a
   * third of a second's calls are late. A closed loop would see a single slow call of thousands.
   */
  @Test
  void aStallShowsInEveryCallBehindIt() throws IOException {
    Measurement open = open(new FakeStore(0, 100, 300 * MILLI), 1_000, 1_000, 10_000);
    assertThat(open.offered()).isEqualTo(1_000);
    assertThat(open.counts().reads()).isEqualTo(1_000);
    assertThat(open.counts().unserved()).isZero();
    assertThat(open.latencies().percentileMicros(Operation.READ_BLOCK, 99)).isGreaterThan(200_000);
    assertThat(open.latencies().percentileMicros(Operation.READ_BLOCK, 85)).isGreaterThan(50_000);
  }

  @Test
  void callsThatNobodyMakesCountWithTheirLateness() throws IOException {
    // 20 ms a call is 50 a second, and 1,000 are due within one; after 1.2 s the client gives up.
    Measurement open = open(new FakeStore(20 * MILLI, 0, 0), 1_000, 1_000, 1_200);
    Counts counts = open.counts();
    assertThat(counts.unserved()).isBetween(930L, 999L);
    assertThat(counts.reads() + counts.unserved()).isEqualTo(1_000);
    assertThat(open.latencies().count(Operation.READ_BLOCK)).isEqualTo(1_000);
    assertThat(open.latencies().percentileMicros(Operation.READ_BLOCK, 50)).isGreaterThan(400_000);
  }

  @Test
  void aClosedLoopCanBeCorrected() throws IOException {
    Workload plain = workload(0);
    Workload corrected = workload(10 * MILLI);
    assertThat(closed(plain).latencies().percentileMicros(Operation.READ_BLOCK, 50))
        .isLessThan(100_000);
    // The call of 300 ms stands for 29 more, of 290 ms, 280 ms and so on: half are above 150 ms.
    Measurement measured = closed(corrected);
    assertThat(measured.latencies().count(Operation.READ_BLOCK))
        .isGreaterThanOrEqualTo(measured.counts().reads() + 29);
  }

  @Test
  void wrongBlocksAreCounted() throws IOException {
    FakeStore store = new FakeStore(MILLI, 0, 0);
    store.answerWrong();
    Measurement open = open(store, 100, 100, 10_000);
    assertThat(open.counts().wrongBlocks()).isEqualTo(open.counts().reads()).isPositive();
  }

  private static Measurement open(FakeStore store, long millis, double rate, long giveUpMillis)
      throws IOException {
    Workload workload = workload(0);
    long startNanos = System.nanoTime();
    Recorder recorder = new Recorder(workload, startNanos, 1);
    Arrivals arrivals = new Arrivals(startNanos, millis * MILLI, rate);
    try (Arena arena = Arena.ofConfined();
        StopSignal stop = new StopSignal()) {
      loop(store, workload, arena)
          .runOpen(arrivals, startNanos + giveUpMillis * MILLI, recorder, stop);
    }
    return recorder.finish(System.nanoTime() - startNanos, arrivals.count());
  }

  private static Measurement closed(Workload workload) throws IOException {
    long startNanos = System.nanoTime();
    Recorder recorder = new Recorder(workload, startNanos, 1);
    try (Arena arena = Arena.ofConfined();
        StopSignal stop = new StopSignal()) {
      loop(new FakeStore(MILLI, 5, 300 * MILLI), workload, arena)
          .runClosed(startNanos + 350 * MILLI, recorder, stop);
    }
    return recorder.finish(System.nanoTime() - startNanos, 0);
  }

  private static ClientLoop loop(FakeStore store, Workload workload, Arena arena) {
    return new ClientLoop(
        store.connect(),
        workload,
        new WorkingSet(workload),
        1,
        1L << 62,
        ClientMemory.allocate(arena, workload.blockBytes(), workload.payload(), 1));
  }

  private static Workload workload(long expectedIntervalNanos) {
    return new Workload(
        Mix.READ,
        false,
        4_096,
        8,
        4,
        PayloadKind.RANDOM,
        Verification.SAMPLE,
        expectedIntervalNanos);
  }
}
