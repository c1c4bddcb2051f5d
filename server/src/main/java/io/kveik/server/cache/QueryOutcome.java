package io.kveik.server.cache;

import io.kveik.server.block.TtlKind;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What a query found. */
public sealed interface QueryOutcome {
  /**
   * Some of the blocks.
   *
   * @param next where to go on; empty at the end
   */
  record Page(List<Detail> blocks, OptionalLong next) implements QueryOutcome {}

  /** A limit was hit; trying again later may work. */
  record Refused(String limit, String detail) implements QueryOutcome {}

  /**
   * One block.
   *
   * @param label the writer's name of it
   * @param depth blocks that came before it in its chain
   * @param tiers names of those that hold it, DRAM first
   * @param bytes payload and attributes
   * @param ageMillis since it was written; empty when no tier could say
   * @param tokenCount tokens whose KV it holds; empty when no tier could say
   * @param uses lookups that found it
   * @param priority how often eviction passes over it
   * @param ttl what its time to live counts from and what is left of it, where that has begun
   */
  record Detail(
      long label,
      int depth,
      List<String> tiers,
      long bytes,
      OptionalLong ageMillis,
      OptionalInt tokenCount,
      int uses,
      int priority,
      boolean pinned,
      Ttl ttl) {}

  /** A time to live. */
  sealed interface Ttl {
    record None() implements Ttl {}

    /** Counts from the first use, which has not been. */
    record Waiting() implements Ttl {}

    record Left(TtlKind kind, long millis) implements Ttl {}
  }
}
