package io.kveik.server.cache;

import io.kveik.server.cache.ControlOutcome.ControlTally;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Does one small thing to each block of a selection, and counts. Belongs to one thread. */
final class SelectionChange {
  /** What became of one block. */
  sealed interface Step {
    Step CHANGED = new Changed();
    Step LEFT = new Left();

    /** Changed if true, else left. */
    static Step of(boolean changed) {
      return changed ? CHANGED : LEFT;
    }

    record Changed() implements Step {}

    /** Nothing was to be done. */
    record Left() implements Step {}

    /** A limit was hit: the change ends here. */
    record Refused(String limit, String detail) implements Step {}
  }

  /** What is done to a block; takes no longer than an index lock. */
  @FunctionalInterface
  interface Change {
    Step apply(IndexedBlock block);
  }

  private final SelectionWalk walk;
  private final BooleanSupplier stop;
  private long matched;
  private long changed;
  private long bytes;

  /**
   * @param stop true once the caller's time is over
   */
  SelectionChange(SelectionWalk walk, BooleanSupplier stop) {
    this.walk = walk;
    this.stop = stop;
  }

  ControlOutcome run(Change change) {
    while (!walk.over()) {
      if (stop.getAsBoolean()) {
        return new ControlOutcome.Stopped(tally());
      }
      for (IndexedBlock block : walk.next(BlockCensus.SLICE_SLOTS)) {
        if (!block.known()) {
          continue;
        }
        matched++;
        switch (change.apply(block)) {
          case Step.Changed() -> {
            changed++;
            bytes += block.bodyLength();
          }
          case Step.Left() -> {}
          case Step.Refused(String limit, String detail) -> {
            return new ControlOutcome.Refused(limit, detail, tally());
          }
        }
      }
    }
    return new ControlOutcome.Done(tally());
  }

  private ControlTally tally() {
    return new ControlTally(matched, changed, bytes, List.of());
  }
}
