package io.kveik.server.cache;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/**
 * Remembers across restarts what tiers have yet to remove. Called by one thread at a time; blocks
 * on I/O.
 */
public interface DeletionLog extends AutoCloseable {
  /** What was in it when it was opened. */
  List<OwedRemoval> recovered();

  /** Records in it, repeated ones counted as often as they are there. */
  long records();

  /**
   * Adds removals; durable on return.
   *
   * @throws IOException when they may not be: the deletion can't be vouched for
   */
  void append(Collection<OwedRemoval> removals) throws IOException;

  /**
   * Replaces all of it, atomically; durable on return.
   *
   * @throws IOException when it is as it was
   */
  void rewrite(Collection<OwedRemoval> removals) throws IOException;

  @Override
  void close();

  /** One that keeps nothing. */
  static DeletionLog forgetful() {
    return new DeletionLog() {
      @Override
      public List<OwedRemoval> recovered() {
        return List.of();
      }

      @Override
      public long records() {
        return 0;
      }

      @Override
      public void append(Collection<OwedRemoval> removals) {}

      @Override
      public void rewrite(Collection<OwedRemoval> removals) {}

      @Override
      public void close() {}
    };
  }
}
