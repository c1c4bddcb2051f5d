package io.kveik.server.cache;

import io.kveik.server.runtime.Scheduler;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Blocks that a {@link WriteBehind} puts in one go; its lock guards them. */
final class Parcel {
  /** Not added to any more once a writer has it. */
  final List<PendingWrite> blocks = new ArrayList<>();

  /** Ends the wait for more blocks; null where there is none. */
  Scheduler.@Nullable Timer timer;

  /** Somebody waits for one of them to be put. */
  boolean awaited;

  /** Handed to the writers at the tier's pace. */
  boolean paced;

  private long bytes;

  void add(PendingWrite pending) {
    blocks.add(pending);
    pending.parcel = this;
    awaited |= pending.awaited;
    bytes += pending.bytes();
  }

  long bytes() {
    return bytes;
  }
}
