package io.kveik.server.runtime;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A clock and a scheduler that move only when a test says so. */
public final class ManualTime implements Clock, Scheduler {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long START_WALL_MILLIS = 1_700_000_000_000L;

  private static final class Task {
    final long atNanos;
    final long periodNanos;
    final Runnable action;
    boolean cancelled;

    Task(long atNanos, long periodNanos, Runnable action) {
      this.atNanos = atNanos;
      this.periodNanos = periodNanos;
      this.action = action;
    }
  }

  private final List<Task> tasks = new ArrayList<>();
  private long nanos;
  private long wallOffsetMillis;

  @Override
  public synchronized long nanoTime() {
    return nanos;
  }

  @Override
  public synchronized long wallMillis() {
    return START_WALL_MILLIS + nanos / NANOS_PER_MILLI + wallOffsetMillis;
  }

  /** Moves the wall clock alone. */
  public synchronized void jumpWall(long millis) {
    wallOffsetMillis += millis;
  }

  /** Moves on, running what comes due in order. */
  public void advance(long millis) {
    long until = nanoTime() + millis * NANOS_PER_MILLI;
    while (true) {
      Task next;
      synchronized (this) {
        tasks.removeIf(task -> task.cancelled);
        next =
            tasks.stream()
                .filter(task -> task.atNanos <= until)
                .min(Comparator.comparingLong(task -> task.atNanos))
                .orElse(null);
        if (next == null) {
          nanos = until;
          return;
        }
        tasks.remove(next);
        nanos = Math.max(nanos, next.atNanos);
        if (next.periodNanos > 0) {
          tasks.add(new Task(next.atNanos + next.periodNanos, next.periodNanos, next.action));
        }
      }
      next.action.run();
    }
  }

  @Override
  public synchronized Timer after(long delayMillis, Runnable action) {
    return add(delayMillis, 0, action);
  }

  @Override
  public synchronized Timer every(long periodMillis, Runnable action) {
    return add(periodMillis, periodMillis * NANOS_PER_MILLI, action);
  }

  private Timer add(long delayMillis, long periodNanos, Runnable action) {
    Task task = new Task(nanos + delayMillis * NANOS_PER_MILLI, periodNanos, action);
    tasks.add(task);
    return () -> {
      synchronized (this) {
        task.cancelled = true;
      }
    };
  }

  @Override
  public synchronized void close() {
    tasks.clear();
  }
}
