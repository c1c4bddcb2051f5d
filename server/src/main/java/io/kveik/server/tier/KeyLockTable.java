package io.kveik.server.tier;

import io.kveik.server.block.BlockKey;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks over keys: holders of one key exclude each other, those of different keys never do, however
 * many each of them holds. So the lock of a key may be held over I/O for many keys at a time
 * without that others wait for it.
 *
 * <p>Any thread. One table entry for each key that is held or waited for, about 150 bytes; whoever
 * bounds the calls bounds the table. Several keys are locked in their order, so that two holders of
 * many never wait for each other in a circle; whoever holds one must not ask for another.
 */
public final class KeyLockTable {
  private static final Comparator<BlockKey> ORDER =
      Comparator.comparingLong(BlockKey::w0)
          .thenComparingLong(BlockKey::w1)
          .thenComparingLong(BlockKey::w2)
          .thenComparingLong(BlockKey::w3);

  private final ConcurrentHashMap<BlockKey, KeyLock> locks = new ConcurrentHashMap<>();

  /** What is held; closed by the thread that took it. */
  @FunctionalInterface
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** The lock of a key, in the table for as long as anybody holds it or waits for it. */
  private static final class KeyLock {
    final ReentrantLock lock = new ReentrantLock();

    /** Holders and those that wait; guarded by the table's entry. */
    int users;
  }

  /** Waits for the lock over one key. O(1). */
  public Held hold(BlockKey key) {
    lock(key);
    return () -> unlock(key);
  }

  /** Waits for the locks over several keys. O(keys log keys). */
  public Held hold(Collection<BlockKey> keys) {
    List<BlockKey> order = keys.stream().distinct().sorted(ORDER).toList();
    order.forEach(this::lock);
    return () -> order.reversed().forEach(this::unlock);
  }

  /** Keys that are held or waited for. */
  int size() {
    return locks.size();
  }

  private void lock(BlockKey key) {
    KeyLock used =
        locks.compute(
            key,
            (_, present) -> {
              KeyLock one = present == null ? new KeyLock() : present;
              one.users++;
              return one;
            });
    used.lock.lock();
  }

  private void unlock(BlockKey key) {
    locks.compute(
        key,
        (_, present) -> {
          KeyLock used = Objects.requireNonNull(present, "not held");
          used.lock.unlock();
          return --used.users == 0 ? null : used;
        });
  }
}
