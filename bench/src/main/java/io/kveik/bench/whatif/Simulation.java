package io.kveik.bench.whatif;

import io.kveik.bench.whatif.Candidate.UseOrder;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.memory.RecordMemory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs one candidate at one capacity over a trace. A request hits the longest prefix of its blocks
 * that is there; then all of its blocks are used or brought in: for the server's policies as a
 * server with DRAM alone would, for the bound deepest first, for others as they want it. At last
 * the candidate is told why the turn ended, where the trace knows. Stateless.
 */
public final class Simulation {
  private Simulation() {}

  /**
   * Runs a candidate.
   *
   * @param capacity blocks, at least 1
   * @param cost of what a hit saves
   * @param progress grows by the accesses that are done
   */
  public static Hits run(
      BlockTrace trace, Candidate candidate, int capacity, PrefillCost cost, AtomicLong progress) {
    return switch (candidate) {
      case Candidate.Policy policy -> run(trace, policy.policies(), capacity, cost, progress);
      case Candidate.Reference reference -> {
        SimulatedCache cache = reference.caches().of(trace.blocks(), capacity);
        yield run(trace, cache, reference.order(), new int[1], cost, progress);
      }
    };
  }

  /** Runs a policy of the server's. */
  public static Hits run(
      BlockTrace trace,
      EvictionPolicy.Factory policies,
      int capacity,
      PrefillCost cost,
      AtomicLong progress) {
    try (RecordMemory memory = RecordMemory.open()) {
      CacheModel cache = new CacheModel(trace, policies.apply(memory), capacity, _ -> {});
      return run(
          trace, new UntieredCache(trace, cache), UseOrder.AS_SERVED, new int[1], cost, progress);
    }
  }

  /** Runs the bound: Belady's MIN. */
  public static Hits runMin(BlockTrace trace, int capacity, PrefillCost cost, AtomicLong progress) {
    int[] cursor = new int[1];
    CacheModel cache =
        new CacheModel(trace, new BeladyMin(trace, capacity, cursor), capacity, _ -> {});
    return run(trace, cache, UseOrder.DEEPEST_FIRST, cursor, cost, progress);
  }

  /**
   * @param cursor its one element is the access that is being made
   */
  private static Hits run(
      BlockTrace trace,
      SimulatedCache cache,
      UseOrder order,
      int[] cursor,
      PrefillCost cost,
      AtomicLong progress) {
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
      for (int i = 0; i < end - start; i++) {
        int access =
            switch (order) {
              case DEEPEST_FIRST -> end - 1 - i;
              case ROOT_FIRST -> start + i;
              case AS_SERVED -> start + i < hit ? hit - 1 - i : start + i;
            };
        cursor[0] = access;
        cache.use(trace.block(access));
      }
      tellEnds(trace, request, cache);
      progress.addAndGet(end - start);
    }
    return hits.hits();
  }

  /** As a server is told that turns are over, where the trace knows. */
  static void tellEnds(BlockTrace trace, int request, SimulatedCache cache) {
    trace
        .turnEnds()
        .after(
            request,
            (last, end) -> {
              for (int block : trace.chainTo(last)) {
                cache.hinted(block, end);
              }
            });
  }
}
