package io.kveik.server.cache;

/**
 * What became of a wish for blocks in DRAM.
 *
 * @param known blocks, from the first on, that some tier has
 * @param inMemory of those, already in DRAM
 * @param started of those, being brought; the rest found no room in the bounds of prefetching
 * @param later true when it is planned for a later time; nothing is counted then
 */
public record PrefetchOutcome(int known, int inMemory, int started, boolean later) {
  public static final PrefetchOutcome NOTHING = new PrefetchOutcome(0, 0, 0, false);
  public static final PrefetchOutcome LATER = new PrefetchOutcome(0, 0, 0, true);
}
