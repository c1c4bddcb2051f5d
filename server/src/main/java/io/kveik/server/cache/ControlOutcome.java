package io.kveik.server.cache;

import java.util.List;

/** What became of an operation on stored blocks. */
public sealed interface ControlOutcome {
  ControlTally tally();

  /** All of it is done. */
  record Done(ControlTally tally) implements ControlOutcome {}

  /** The caller's time was over; part of it is done. */
  record Stopped(ControlTally tally) implements ControlOutcome {}

  /**
   * A limit was hit; trying again later may work.
   *
   * @param limit its name
   * @param tally what was done before
   */
  record Refused(String limit, String detail, ControlTally tally) implements ControlOutcome {}

  /**
   * What an operation has met and done.
   *
   * @param matched blocks that the selector meant and the index knew
   * @param changed those the operation did something to
   * @param bytes payload and attributes of those
   * @param owing tiers that have yet to remove blocks; reads pass over those meanwhile
   */
  record ControlTally(long matched, long changed, long bytes, List<String> owing) {
    static final ControlTally NONE = new ControlTally(0, 0, 0, List.of());
  }
}
