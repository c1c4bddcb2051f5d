package io.kveik.server;

import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.Admission;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.tier.Tier;
import java.io.IOException;

/**
 * A tier below DRAM as the configuration has it: the server opens all of them, the doctor one by
 * one.
 *
 * @param name of the tier
 * @param local true when it lies in the data directory
 * @param level what a write that reached it survives
 * @param capacityBytes what the engine lets it hold
 * @param admission when it takes blocks that no writer waits for
 * @param opening makes the tier
 */
record LowerTierPlan(
    String name,
    boolean local,
    AckLevel level,
    long capacityBytes,
    Admission admission,
    Opening opening) {
  /** Opens a tier, which may block. */
  @FunctionalInterface
  interface Opening {
    Tier open() throws IOException;
  }

  CacheEngine.Below open() throws IOException {
    return new CacheEngine.Below(opening.open(), level, capacityBytes, admission);
  }
}
