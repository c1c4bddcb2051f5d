package io.kveik.bench.whatif;

import io.kveik.server.cache.eviction.EvictionPolicy;

/** What a {@link Simulation} can run, by a name. */
public sealed interface Candidate {
  String name();

  /** A policy of the server's, which decides only what goes: {@link UntieredCache} is around it. */
  record Policy(String name, EvictionPolicy.Factory policies) implements Candidate {}

  /**
   * A whole cache of the simulator's own, as others have measured it.
   *
   * @param order in which it is told of a request's blocks
   */
  record Reference(String name, UseOrder order, SimulatedCache.Factory caches)
      implements Candidate {}

  /** In which order a request uses its blocks. */
  enum UseOrder {
    /** So that lists by age have the suffix nearer to their end. */
    DEEPEST_FIRST,
    /** As they are computed: the suffix is the youngest. */
    ROOT_FIRST,
    /**
     * As a server is told: what a lookup found, deepest first, then what is written, root first.
     */
    AS_SERVED
  }
}
