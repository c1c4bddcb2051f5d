package io.kveik.bench.whatif;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The figures of several policies at several sizes of one tier, and those of the bound.
 *
 * @param rows policy by policy, the bound last; each by size in the order asked for
 */
public record WhatIf(BlockTrace trace, List<Row> rows) {
  /** What the bound is called. */
  public static final String MIN = "min";

  /**
   * One policy at one size.
   *
   * @param policy its name, or {@link #MIN}
   * @param capacityIds ids of the trace that the tier holds
   */
  public record Row(String policy, TierSize capacity, int capacityIds, Hits hits) {}

  /**
   * Runs them one after the other, on the calling thread.
   *
   * @param blockBytes see {@link TierSize#ids}
   * @param progress grows to {@link #accesses}
   */
  public static WhatIf run(
      BlockTrace trace,
      List<Candidate> candidates,
      List<TierSize> capacities,
      long blockBytes,
      PrefillCost cost,
      AtomicLong progress) {
    List<Row> rows = new ArrayList<>();
    for (Candidate candidate : candidates) {
      for (TierSize capacity : capacities) {
        int ids = capacity.ids(trace, blockBytes);
        Hits hits = Simulation.run(trace, candidate, ids, cost, progress);
        rows.add(new Row(candidate.name(), capacity, ids, hits));
      }
    }
    for (TierSize capacity : capacities) {
      int ids = capacity.ids(trace, blockBytes);
      rows.add(new Row(MIN, capacity, ids, Simulation.runMin(trace, ids, cost, progress)));
    }
    return new WhatIf(trace, List.copyOf(rows));
  }

  /** How many accesses a run makes. */
  public static long accesses(BlockTrace trace, int candidates, int capacities) {
    return (candidates + 1L) * capacities * trace.accesses();
  }

  /** The bound's row for the size of another. */
  public Row minOf(Row row) {
    return rows.stream()
        .filter(other -> other.policy.equals(MIN) && other.capacity.equals(row.capacity))
        .findFirst()
        .orElseThrow();
  }
}
