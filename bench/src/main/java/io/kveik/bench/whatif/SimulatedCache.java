package io.kveik.bench.whatif;

import io.kveik.server.block.TurnEnd;

/**
 * A cache of so many blocks of a {@link BlockTrace}, as {@link Simulation} sees it. Not
 * thread-safe.
 */
public interface SimulatedCache {
  /** Makes an empty one. */
  @FunctionalInterface
  interface Factory {
    /**
     * @param blocks how many different blocks there are, numbered from 0
     * @param capacity how many of them it may hold, at least 1
     */
    SimulatedCache of(int blocks, int capacity);
  }

  /** Whether a block is cached. */
  boolean has(int block);

  /** A request was looked up; its blocks are used next. */
  void requested();

  /** It is told why the turn ended that used a block last, whether or not it is cached still. */
  default void hinted(int block, TurnEnd end) {}

  /** Uses a block, which brings it in where it isn't cached. */
  void use(int block);
}
