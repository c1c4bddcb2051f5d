package io.kveik.bench.disk;

import io.kveik.bench.run.StopSignal;
import io.kveik.bench.run.WorkerThreads;
import io.kveik.server.runtime.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets contestants do the same in turn, a slice of it at a time: a disk that others use too, or
 * that a host caches, is at times twice as fast as at others, and so is for all of them alike.
 */
final class Turns {
  /** So often each has its turn. */
  static final int SLICES = 16;

  private static final double NANOS_PER_SECOND = 1e9;

  private final DiskPlan plan;
  private final StopSignal stop;
  private final Clock clock;
  private final RawMemory memory;

  Turns(DiskPlan plan, StopSignal stop, Clock clock, RawMemory memory) {
    this.plan = plan;
    this.stop = stop;
    this.clock = clock;
    this.memory = memory;
  }

  /** One step of a thread. */
  @FunctionalInterface
  interface Step {
    void run(int number, ByteBuffer memory) throws IOException;
  }

  /** What comes after the last step. */
  @FunctionalInterface
  interface Finish {
    void run() throws IOException;
  }

  /** Who is measured, the finish included. */
  record Contestant(Step step, Finish finish) {
    static Contestant of(Step step) {
      return new Contestant(step, () -> {});
    }
  }

  /** Bytes of payload a second of each, in their order. */
  double[] rates(Contestant... contestants) throws IOException, InterruptedException {
    long[] nanos = new long[contestants.length];
    for (int slice = 0; slice < SLICES; slice++) {
      for (int i = 0; i < contestants.length; i++) {
        // Who follows whom changes from slice to slice.
        int turn = (slice + i) % contestants.length;
        if (border(slice) == border(slice + 1)) {
          continue;
        }
        long startNanos = clock.nanoTime();
        each(border(slice), border(slice + 1), contestants[turn].step());
        nanos[turn] += clock.nanoTime() - startNanos;
      }
    }
    double[] rates = new double[contestants.length];
    for (int i = 0; i < contestants.length; i++) {
      long startNanos = clock.nanoTime();
      contestants[i].finish().run();
      nanos[i] += clock.nanoTime() - startNanos;
      rates[i] = (double) plan.payloadBytes() * plan.blocks() / (nanos[i] / NANOS_PER_SECOND);
    }
    return rates;
  }

  private int border(int slice) {
    return (int) ((long) plan.blocks() * slice / SLICES);
  }

  /** Deals the numbers out to the threads one by one. */
  private void each(int from, int to, Step step) throws IOException, InterruptedException {
    AtomicInteger next = new AtomicInteger(from);
    Optional<Exception> failure =
        WorkerThreads.run(
            plan.threads(),
            stop,
            worker -> {
              int number;
              while ((number = next.getAndIncrement()) < to && !stop.isRequested()) {
                step.run(number, memory.next(worker));
              }
            });
    if (failure.isPresent()) {
      throw failure.get() instanceof IOException e ? e : new IOException(failure.get());
    }
    if (stop.isRequested()) {
      throw new IOException("ended before its time");
    }
  }
}
