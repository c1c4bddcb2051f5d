package io.kveik.server.cache;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/**
 * Remembers facts across restarts: a list that is appended to and, from time to time, replaced by
 * what still holds. Called by one thread at a time; blocks on I/O.
 */
public interface Journal<T> extends AutoCloseable {
  /** What was in it when it was opened, oldest first. */
  List<T> recovered();

  /** Entries in it, repeated ones counted as often as they are there. */
  long records();

  /**
   * Adds entries; durable on return.
   *
   * @throws IOException when they may not be: nobody can vouch for them
   */
  void append(Collection<? extends T> entries) throws IOException;

  /**
   * Replaces all of it, atomically; durable on return.
   *
   * @throws IOException when it may be as it was
   */
  void rewrite(Collection<? extends T> entries) throws IOException;

  @Override
  void close();

  /** One that keeps nothing. */
  static <T> Journal<T> forgetful() {
    return new Journal<>() {
      @Override
      public List<T> recovered() {
        return List.of();
      }

      @Override
      public long records() {
        return 0;
      }

      @Override
      public void append(Collection<? extends T> entries) {}

      @Override
      public void rewrite(Collection<? extends T> entries) {}

      @Override
      public void close() {}
    };
  }
}
