package io.kveik.bench.report;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Shows on standard error how far a run has come, from a thread of its own: repaints one line on a
 * terminal, else prints a line every {@value #LINE_MILLIS} ms.
 */
public final class Progress implements AutoCloseable {
  private static final long REPAINT_MILLIS = 250;
  private static final long LINE_MILLIS = 5_000;
  private static final String REPAINT = "\r\u001b[K";

  /**
   * How far the run is.
   *
   * @param done of {@code total}, in the run's unit
   * @param text what else there is to say, one short line
   */
  public record State(double done, double total, String text) {}

  private final PrintStream out;
  private final boolean terminal;
  private final Supplier<State> state;
  private final long startNanos = System.nanoTime();
  private final Thread painter;

  private Progress(PrintStream out, boolean terminal, Supplier<State> state) {
    this.out = out;
    this.terminal = terminal;
    this.state = state;
    this.painter = Thread.ofPlatform().daemon().name("progress").unstarted(this::paint);
  }

  /** Starts showing. */
  public static Progress start(Supplier<State> state) {
    Progress progress =
        new Progress(System.err, Terminals.isTerminal(Terminals.STANDARD_ERROR), state);
    progress.painter.start();
    return progress;
  }

  /** Stops showing and, on a terminal, wipes the line. */
  @Override
  public void close() {
    painter.interrupt();
    try {
      painter.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The line for a state after a while. */
  static String line(State state, Duration elapsed) {
    double seconds = elapsed.toNanos() / 1e9;
    double share = state.total <= 0 ? 0 : Math.clamp(state.done / state.total, 0, 1);
    String eta = share <= 0 ? "ETA unknown" : "ETA " + clock(seconds * (1 - share) / share);
    return "%3.0f %%  %s  %s  %s".formatted(100 * share, clock(seconds), eta, state.text);
  }

  private void paint() {
    try {
      while (true) {
        Thread.sleep(terminal ? REPAINT_MILLIS : LINE_MILLIS);
        String line = line(state.get(), Duration.ofNanos(System.nanoTime() - startNanos));
        if (terminal) {
          out.print(REPAINT + line);
          out.flush();
        } else {
          out.println(line);
        }
      }
    } catch (InterruptedException e) {
      if (terminal) {
        out.print(REPAINT);
        out.flush();
      }
    }
  }

  private static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? "%d:%02d".formatted(whole / 60, whole % 60)
        : "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60);
  }
}
