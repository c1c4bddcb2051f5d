package io.kveik.server.tier;

import io.kveik.server.block.BlockKey;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks over keys: holders of one key exclude each other, at times those of two different ones,
 * too. Several keys are locked in the order of the stripes, so that two holders of many never wait
 * for each other in a circle; whoever holds one must not ask for another.
 */
public final class KeyStripes {
  private final ReentrantLock[] stripes;

  /** What is held; closed by the thread that took it. */
  @FunctionalInterface
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param count a power of two
   */
  public KeyStripes(int count) {
    if (Integer.bitCount(count) != 1) {
      throw new IllegalArgumentException("count=" + count + ", must be a power of two");
    }
    this.stripes = new ReentrantLock[count];
    for (int i = 0; i < count; i++) {
      stripes[i] = new ReentrantLock();
    }
  }

  /** Waits for the lock over one key. */
  public Held hold(BlockKey key) {
    return hold(List.of(key));
  }

  /** Waits for the locks over several keys. O(keys log keys). */
  public Held hold(Collection<BlockKey> keys) {
    List<ReentrantLock> held =
        keys.stream().mapToInt(this::stripe).sorted().distinct().mapToObj(i -> stripes[i]).toList();
    held.forEach(ReentrantLock::lock);
    return () -> held.reversed().forEach(ReentrantLock::unlock);
  }

  private int stripe(BlockKey key) {
    return (int) key.w1() & (stripes.length - 1);
  }
}
