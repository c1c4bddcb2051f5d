package io.kveik.server.cache;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.BatchingTier.Batching;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers small blocks of one namespace into parcels, for a tier that stores several for the price
 * of one. A parcel is complete when it has bytes or blocks enough, or when its first block has
 * waited for long enough. What is too long for that, or for a tier that gathers nothing, is a
 * parcel of its own at once. Guarded by the lock of the {@link WriteBehind}; O(1).
 */
final class Gathering {
  private static final Batching NOTHING = new Batching(-1, 0, 1, 0);

  private final Batching batching;
  private final Scheduler scheduler;
  private final Consumer<Fingerprint> onDue;
  private final Map<Fingerprint, Parcel> open = new HashMap<>();

  /**
   * @param onDue called by the timer, without any lock, when a namespace's parcel has waited long
   *     enough
   */
  Gathering(Optional<Batching> batching, Scheduler scheduler, Consumer<Fingerprint> onDue) {
    this.batching = batching.orElse(NOTHING);
    this.scheduler = scheduler;
    this.onDue = onDue;
  }

  /** The parcel that is complete with this block; null when it waits for more. */
  @Nullable Parcel add(PendingWrite pending) {
    if (pending.bytes() > batching.largestBlockBytes()) {
      Parcel alone = new Parcel();
      alone.add(pending);
      return alone;
    }
    Fingerprint namespace = pending.block.header().namespace();
    Parcel parcel = open.computeIfAbsent(namespace, this::begin);
    parcel.add(pending);
    return parcel.blocks.size() >= batching.blocks() || parcel.bytes() >= batching.bytes()
        ? take(namespace)
        : null;
  }

  private Parcel begin(Fingerprint namespace) {
    Parcel parcel = new Parcel();
    parcel.timer = scheduler.after(batching.waitMillis(), () -> onDue.accept(namespace));
    return parcel;
  }

  /** What a namespace has gathered; null: nothing. */
  @Nullable Parcel take(Fingerprint namespace) {
    Parcel parcel = open.remove(namespace);
    if (parcel != null && parcel.timer != null) {
      parcel.timer.cancel();
    }
    return parcel;
  }

  /** All that has been gathered. */
  List<Parcel> takeAll() {
    List<Parcel> all = List.copyOf(open.values());
    open.clear();
    all.forEach(parcel -> {
      if (parcel.timer != null) {
        parcel.timer.cancel();
      }
    });
    return all;
  }
}
