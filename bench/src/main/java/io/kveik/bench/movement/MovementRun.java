package io.kveik.bench.movement;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Measures reads of cold blocks beside each {@link Background} in turn. Belongs to one thread. */
public final class MovementRun {
  private static final int WRITERS = 2;
  private static final long FIRST_WRITTEN = 1L << 40;
  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int DIGITS = 3;

  private final MovementPlan plan;
  private final AtomicLong nextWritten = new AtomicLong(FIRST_WRITTEN);

  public MovementRun(MovementPlan plan) {
    this.plan = plan;
  }

  /**
   * Runs all rounds.
   *
   * @param progress told of each turn when it is over
   */
  public List<Turn> run(Consumer<Turn> progress) throws IOException {
    List<Turn> turns = new ArrayList<>();
    for (int round = 0; round < plan.rounds(); round++) {
      for (Background background : Background.values()) {
        Turn turn = turn(background, round);
        turns.add(turn);
        progress.accept(turn);
      }
    }
    return turns;
  }

  private Turn turn(Background background, int round) throws IOException {
    Path directory = Files.createTempDirectory(plan.directory(), "kveik-movement-");
    try (TestEngine engine =
        new TestEngine(plan, directory, background == Background.POLITE ? plan.pauseMillis() : 0)) {
      for (long number = 0; number < plan.blocks(); number++) {
        engine.writeDown(number);
      }
      for (int i = 0; i < plan.blocks(); i++) {
        engine.writeDown(nextWritten.getAndIncrement());
      }
      return measure(engine, background, round);
    } finally {
      delete(directory);
    }
  }

  private Turn measure(TestEngine engine, Background background, int round) {
    Histogram nanos = new ConcurrentHistogram(MAX_NANOS, DIGITS);
    long startNanos = System.nanoTime();
    long endNanos = startNanos + TimeUnit.SECONDS.toNanos(plan.seconds());
    BooleanSupplier goesOn = () -> System.nanoTime() - endNanos < 0;
    long takenBefore = engine.takenBytes();
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int reader = 0; reader < plan.readers(); reader++) {
      SplittableRandom random = new SplittableRandom(plan.seed() + 31L * round + reader);
      threads.add(start(() -> readWhile(engine, goesOn, random, nanos)));
    }
    for (int i = 0; i < (background == Background.NONE ? 0 : WRITERS); i++) {
      threads.add(
          start(() -> {
            while (goesOn.getAsBoolean()) {
              engine.write(nextWritten.getAndIncrement());
            }
          }));
    }
    threads.forEach(CompletableFuture::join);
    return new Turn(
        background,
        nanos,
        engine.takenBytes() - takenBefore,
        (System.nanoTime() - startNanos) / 1e9);
  }

  private void readWhile(
      TestEngine engine, BooleanSupplier goesOn, SplittableRandom random, Histogram nanos) {
    while (goesOn.getAsBoolean()) {
      long number = random.nextInt(plan.blocks());
      if (engine.isCold(number)) {
        long startNanos = System.nanoTime();
        if (engine.read(number)) {
          nanos.recordValue(Math.min(System.nanoTime() - startNanos, MAX_NANOS));
        }
      }
    }
  }

  private static CompletableFuture<Void> start(Runnable task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            task.run();
            done.complete(null);
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (var paths = Files.walk(directory)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }
}
