package io.kveik.server.cache;

/** When a tier below DRAM takes a block that no writer waits for it to take. */
public enum Admission {
  /** As it is stored: write-behind. A restart finds all of DRAM below. */
  WRITE,

  /** When DRAM evicts it: demotion. What is overwritten or deleted before never goes down. */
  EVICTION,

  /**
   * When DRAM evicts it, if it was used since it was stored or has left DRAM once before while that
   * is remembered.
   */
  SECOND_USE
}
