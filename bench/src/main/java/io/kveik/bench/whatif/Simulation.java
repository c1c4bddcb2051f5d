package io.kveik.bench.whatif;

import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.memory.RecordMemory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs one policy at one capacity over a trace. A request hits the longest prefix of its blocks
 * that is there; then all of its blocks are used or brought in, deepest first, so that every list
 * by age has the suffix nearer to its end. Stateless.
 */
public final class Simulation {
  private Simulation() {}

  /**
   * Runs a policy of the server's.
   *
   * @param capacity blocks, at least 1
   * @param cost of what a hit saves
   * @param progress grows by the accesses that are done
   */
  public static Hits run(
      BlockTrace trace,
      EvictionPolicy.Factory policies,
      int capacity,
      PrefillCost cost,
      AtomicLong progress) {
    try (RecordMemory memory = RecordMemory.open()) {
      return run(trace, policies.apply(memory), new int[1], capacity, cost, progress);
    }
  }

  /** Runs the bound: Belady's MIN. */
  public static Hits runMin(BlockTrace trace, int capacity, PrefillCost cost, AtomicLong progress) {
    int[] cursor = new int[1];
    return run(trace, new BeladyMin(trace, capacity, cursor), cursor, capacity, cost, progress);
  }

  private static Hits run(
      BlockTrace trace,
      EvictionPolicy policy,
      int[] cursor,
      int capacity,
      PrefillCost cost,
      AtomicLong progress) {
    CacheModel cache = new CacheModel(trace, policy, capacity, _ -> {});
    HitCounter hits = new HitCounter(trace, cost);
    for (int request = 0; request < trace.requests(); request++) {
      int start = trace.start(request);
      int end = trace.start(request + 1);
      int hit = start;
      while (hit < end && cache.has(trace.block(hit))) {
        hit++;
      }
      hits.count(request, hit - start);
      cache.requested();
      for (int access = end - 1; access >= start; access--) {
        cursor[0] = access;
        cache.use(trace.block(access));
      }
      progress.addAndGet(end - start);
    }
    return hits.hits();
  }
}
