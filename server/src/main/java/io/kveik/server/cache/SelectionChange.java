package io.kveik.server.cache;

import io.kveik.server.cache.ControlOutcome.ControlTally;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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

  /** What is done to the blocks, a slice of them at a time. */
  interface Change {
    /** A slice has been found. */
    void sliceBegins();

    /** Does it to one block; takes no longer than an index lock. */
    Step apply(IndexedBlock block);

    /**
     * What was done to the slice, all of it or up to a refusal, is to last from here on.
     *
     * @throws IOException when it may not
     */
    void sliceEnds() throws IOException;

    /** The same for what is done to the selection as a whole, once all of it is done. */
    void ends() throws IOException;
  }

  /** A change of which nothing is recorded block by block. */
  record Unrecorded(Function<IndexedBlock, Step> step) implements Change {
    @Override
    public void sliceBegins() {}

    @Override
    public Step apply(IndexedBlock block) {
      return step.apply(block);
    }

    @Override
    public void sliceEnds() {}

    @Override
    public void ends() {}
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

  /**
   * Does it.
   *
   * @throws IOException when it can't be vouched for that it lasts
   */
  ControlOutcome run(Change change) throws IOException {
    while (!walk.over()) {
      if (stop.getAsBoolean()) {
        return new ControlOutcome.Stopped(tally());
      }
      List<IndexedBlock> slice = walk.next(BlockCensus.SLICE_SLOTS);
      change.sliceBegins();
      Step.Refused refusal = apply(change, slice);
      change.sliceEnds();
      if (refusal != null) {
        return new ControlOutcome.Refused(refusal.limit(), refusal.detail(), tally());
      }
    }
    change.ends();
    return new ControlOutcome.Done(tally());
  }

  /** Null: done with all of them. */
  private Step.@Nullable Refused apply(Change change, List<IndexedBlock> slice) {
    for (IndexedBlock block : slice) {
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
        case Step.Refused refusal -> {
          return refusal;
        }
      }
    }
    return null;
  }

  private ControlTally tally() {
    return new ControlTally(matched, changed, bytes, List.of());
  }
}
