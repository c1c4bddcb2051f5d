package io.kveik.server.tier.object.presence;

import io.kveik.server.tier.object.presence.SegmentName.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * What this server stored in some generations.
 *
 * @param set at {@link Precision#SOURCE_BITS}, more than is published, so that a later merge can
 *     choose its own precision
 * @param published true once the store has it
 * @param sequence when it was learned that these are there
 */
record Run(SegmentName name, FingerprintSet set, boolean published, long sequence) {
  /** Runs that a merge looks at. */
  private static final int WINDOW = 4;

  /** A run is rewritten once those after it come to more than one part in so many of it. */
  private static final int RATIO = 4;

  Run asPublished() {
    return new Run(name, set, true, sequence);
  }

  /**
   * Merges runs like a log-structured merge tree: the last four become one as long as they are of
   * similar size. What is left are O(log blocks) runs, and a block is rewritten O(log blocks)
   * times.
   *
   * @param runs in the order of their generations
   */
  static List<Run> merged(List<Run> runs) {
    List<Run> out = new ArrayList<>(runs);
    while (out.size() >= WINDOW) {
      List<Run> tail = out.subList(out.size() - WINDOW, out.size());
      long behind = tail.stream().skip(1).mapToLong(run -> run.set().size()).sum();
      if (tail.getFirst().set().size() > RATIO * behind) {
        break;
      }
      Run one = union(tail);
      tail.clear();
      out.add(one);
    }
    return out;
  }

  private static Run union(List<Run> runs) {
    SegmentName first = runs.getFirst().name();
    return new Run(
        new SegmentName(first.writer(), first.first(), runs.getLast().name().last(), Kind.DELTA),
        FingerprintSet.union(runs.stream().map(Run::set).toList(), Precision.SOURCE_BITS),
        false,
        runs.getLast().sequence());
  }
}
