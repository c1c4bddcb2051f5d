package io.kveik.bench.whatif;

/**
 * What a run over a trace came to.
 *
 * @param requests how many there were
 * @param accesses blocks of all requests
 * @param blockHits blocks that were there when they were asked for, as part of the longest prefix
 * @param requestHits requests of which at least one block was there
 * @param fullHits requests of which all blocks were there that were ever asked for before
 * @param tokensSaved prompt tokens of the blocks that hit: what prefill was spared
 * @param gpuSecondsSaved what their prefill would have taken
 */
public record Hits(
    long requests,
    long accesses,
    long blockHits,
    long requestHits,
    long fullHits,
    long tokensSaved,
    double gpuSecondsSaved) {
  /** Share of the blocks that hit. */
  public double blockHitRatio() {
    return (double) blockHits / accesses;
  }

  /** Share of the requests that hit anything. */
  public double requestHitRatio() {
    return (double) requestHits / requests;
  }

  /** Share of the requests that hit all they could. */
  public double fullHitRatio() {
    return (double) fullHits / requests;
  }
}
