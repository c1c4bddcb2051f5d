package io.kveik.server.cache;

import org.jspecify.annotations.Nullable;

/**
 * Decides which resident block of one bounded tier goes next. Server and simulator run the same
 * implementations.
 *
 * <p>Called only under the lock of the {@link BlockIndex} that owns it, so implementations are
 * single-threaded. No call may allocate on a hit, and each is O(1) or O(log n) amortised.
 *
 * <p>The policy never picks a held block ({@link Resident#held()}): one with a child in the same
 * tier, or one still being written behind. It learns when the last hold goes.
 */
public interface EvictionPolicy {
  /** A block came into the tier. */
  void inserted(Resident resident);

  /**
   * It was used. For a whole prefix the calls come deepest block first, so the root is youngest.
   */
  void touched(Resident resident);

  /** It left the tier, by eviction or otherwise. */
  void removed(Resident resident);

  /** Its last hold went: it may be picked from now on. */
  void released(Resident resident);

  /** The least valuable block that is not held; stays in the tier until {@link #removed}. */
  @Nullable Resident victim();
}
