package io.kveik.bench.contest;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.load.Counts;
import io.kveik.bench.load.LoadFailedException;
import io.kveik.bench.load.LoadGenerator;
import io.kveik.bench.load.Measurement;
import io.kveik.bench.load.Point;
import io.kveik.bench.peer.Contender;
import io.kveik.bench.report.Progress;
import io.kveik.bench.run.StopSignal;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * One run. Used once, by one thread.
 *
 * <p>Every contender gets the working set first. Then, round by round and point by point, all of
 * them are measured one after the other, so that what the machine does meanwhile meets all alike.
 */
public final class BenchRun {
  /** Right after a stage began, what is counted may still be of the one before. */
  private static final double LEAST_RATE_SECONDS = 0.3;

  private static final String WARMING_UP = ", warming up";

  private final BenchPlan plan;
  private final List<? extends Contender> contenders;
  private final LoadGenerator generator;
  private final StopSignal stop;
  private final Map<String, Map<Point, List<Sample>>> samples = new HashMap<>();
  private final Set<String> warm = new HashSet<>();
  private final double totalSeconds;

  /** By warm-ups that ended early. */
  private final LongAdder savedSeconds = new LongAdder();

  private volatile Stage stage = new Stage("starting", 0, 0, System.nanoTime());

  /**
   * What is going on, for people.
   *
   * @param text what
   * @param doneSeconds of the plan before it
   * @param seconds that it takes; 0 where it is not known
   * @param startNanos when it began
   */
  private record Stage(String text, double doneSeconds, double seconds, long startNanos) {}

  /**
   * @param contenders that serve, the one to be measured first; they stay the caller's
   * @param generator with the plan's clients; stays the caller's
   */
  public BenchRun(
      BenchPlan plan,
      List<? extends Contender> contenders,
      LoadGenerator generator,
      StopSignal stop) {
    this.plan = plan;
    this.contenders = contenders;
    this.generator = generator;
    this.stop = stop;
    int measurements = plan.rounds() * plan.points().size();
    this.totalSeconds =
        contenders.size()
            * (double)
                (plan.warmup().seconds()
                    + (measurements - 1) * plan.warmup().laterSeconds()
                    + measurements * plan.seconds());
  }

  /** Runs, until it is done, told to stop or fails; what was measured by then is the result. */
  public BenchResult run() throws InterruptedException {
    Instant started = Instant.now();
    Optional<String> failure = Optional.empty();
    try (Progress _ = Progress.start(this::state)) {
      measureAll();
    } catch (LoadFailedException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
    }
    boolean complete = failure.isEmpty() && !stop.isRequested();
    List<StoreFigures> figures = contenders.stream().map(this::figures).toList();
    return new BenchResult(
        plan, started, Machine.look(), figures, complete, failure, ProcessFigures.ofSelf());
  }

  private void measureAll() throws LoadFailedException, InterruptedException {
    for (Contender contender : contenders) {
      if (!stop.isRequested()) {
        enter("%s: writing the working set".formatted(contender.name()), 0);
        generator.prepare(contender.name(), contender.address());
      }
    }
    for (int round = 1; round <= plan.rounds(); round++) {
      for (Point point : plan.points()) {
        for (Contender contender : contenders) {
          if (stop.isRequested()) {
            return;
          }
          takeTurn(contender, point, round);
        }
      }
    }
  }

  private void takeTurn(Contender contender, Point point, int round)
      throws LoadFailedException, InterruptedException {
    try {
      contender.beginTurn();
      measure(contender, point, round);
    } catch (IOException e) {
      throw new LoadFailedException(contender.name() + ": " + e);
    } finally {
      contender.endTurn();
    }
  }

  private void measure(Contender contender, Point point, int round)
      throws LoadFailedException, InterruptedException {
    String name = contender.name();
    String what =
        "%s, C=%d, round %d of %d".formatted(name, point.concurrency(), round, plan.rounds());
    // What compilers make of a single client's calls is not what they make of many clients'.
    long wrong =
        warm.add(name)
            ? warmUp(name, plan.heaviest(), what)
            : load(name, point, plan.warmup().laterSeconds(), what + WARMING_UP)
                .counts()
                .wrongBlocks();
    Optional<ProcessFigures> before = contender.figures();
    Measurement measured = load(name, point, plan.seconds(), what);
    RunFigures figures = RunFigures.since(before, contender.figures());
    if (measured.counts().calls() + measured.counts().errors() > 0) {
      samples
          .computeIfAbsent(name, _ -> new HashMap<>())
          .computeIfAbsent(point, _ -> new ArrayList<>())
          .add(new Sample(measured.plusWrong(wrong), figures));
    }
  }

  /** The first time. Tells how many wrong blocks there were. */
  private long warmUp(String name, Point point, String what)
      throws LoadFailedException, InterruptedException {
    SteadyRate rate = new SteadyRate();
    long wrong = 0;
    int left = plan.warmup().seconds();
    boolean steady = false;
    while (!steady && left > 0 && !stop.isRequested()) {
      int window = Math.min(plan.warmup().windowSeconds(), left);
      left -= window;
      Measurement loaded = load(name, point, window, what + WARMING_UP);
      wrong += loaded.counts().wrongBlocks();
      steady = rate.add(loaded.counts().calls() / loaded.seconds());
    }
    savedSeconds.add(left);
    return wrong;
  }

  private Measurement load(String name, Point point, int seconds, String what)
      throws LoadFailedException, InterruptedException {
    enter(what, seconds);
    return generator.run(name, point, TimeUnit.SECONDS.toMillis(seconds));
  }

  private StoreFigures figures(Contender contender) {
    Map<Point, List<Sample>> own = samples.getOrDefault(contender.name(), Map.of());
    List<OperatingPoint> points = new ArrayList<>();
    for (Point point : plan.points()) {
      List<Sample> measured = own.getOrDefault(point, List.of());
      if (!measured.isEmpty()) {
        points.add(Samples.combine(plan.workload(), point, measured));
      }
    }
    return new StoreFigures(contender.name(), contender.role(), contender.description(), points);
  }

  private void enter(String text, double seconds) {
    Stage last = stage;
    stage = new Stage(text, last.doneSeconds + last.seconds, seconds, System.nanoTime());
  }

  private Progress.State state() {
    Stage now = stage;
    Counts live = generator.live();
    double seconds = (System.nanoTime() - now.startNanos) / 1e9;
    return new Progress.State(
        now.doneSeconds + Math.min(now.seconds, seconds),
        totalSeconds - savedSeconds.sum(),
        seconds < LEAST_RATE_SECONDS ? now.text : now.text + ": " + rates(live, seconds));
  }

  private String rates(Counts live, double seconds) {
    double bytes = live.blocksMoved() * (double) plan.workload().blockBytes();
    return "%,.0f calls/s, %.2f GB/s, %,d errors"
        .formatted(live.calls() / seconds, bytes / 1e9 / seconds, live.errors());
  }
}
