package io.kveik.bench.whatif;

/** The tier below DRAM, as a {@link TieredSimulation} sees it. Not thread-safe. */
interface LowerTier {
  boolean has(int block);

  /** A request begins. */
  void requested();

  /** A request asked for a block that is here. */
  void use(int block);

  /** Writes a block that isn't here. */
  void put(int block);

  /** Takes a block out that is here. */
  void remove(int block);

  /** Blocks written so far, those that were written again included. */
  long writes();
}
