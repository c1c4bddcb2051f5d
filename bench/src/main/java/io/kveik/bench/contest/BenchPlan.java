package io.kveik.bench.contest;

import io.kveik.bench.load.Point;
import io.kveik.bench.load.Slice;
import io.kveik.bench.load.Workload;
import io.kveik.bench.run.Bounds;
import io.kveik.bench.store.StoreSettings;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;
import java.util.Comparator;
import java.util.List;

/**
 * How to run.
 *
 * @param name of the command
 * @param workload what clients do
 * @param scope where Kveik's blocks are
 * @param ack what Kveik's writes wait for
 * @param points how hard to load, one after the other
 * @param rounds how often each contender is measured at each point
 * @param warmup of the same load, with the most clients, before a contender is measured for the
 *     first time
 * @param seconds of each measurement
 * @param processes that the clients are dealt out to
 */
public record BenchPlan(
    String name,
    Workload workload,
    BlockScope scope,
    AckLevel ack,
    List<Point> points,
    int rounds,
    Warmup warmup,
    int seconds,
    int processes) {
  /** The most operating points. */
  public static final int MAX_POINTS = 64;

  /** The most rounds. */
  public static final int MAX_ROUNDS = 1_000;

  /** A day. */
  public static final int MAX_SECONDS = 86_400;

  /** Checks the bounds. */
  public BenchPlan {
    Bounds.within("concurrency: number of values", points.size(), 1, MAX_POINTS);
    points.forEach(
        point -> Bounds.within("concurrency", point.concurrency(), 1, Point.MAX_CONCURRENCY));
    Bounds.within("rounds", rounds, 1, MAX_ROUNDS);
    Bounds.within("seconds", seconds, 1, MAX_SECONDS);
    Bounds.within("processes", processes, 1, Slice.MAX_PROCESSES);
    points = List.copyOf(points);
  }

  /** The most clients that are used at a time. */
  public int clients() {
    return heaviest().concurrency();
  }

  /** The point with the most clients. */
  Point heaviest() {
    return points.stream().max(Comparator.comparingInt(Point::concurrency)).orElseThrow();
  }

  /** What drivers need to know. */
  public StoreSettings storeSettings() {
    return new StoreSettings(scope, ack, workload.blockBytes(), workload.workingBlocks());
  }
}
