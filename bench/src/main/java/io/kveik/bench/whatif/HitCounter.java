package io.kveik.bench.whatif;

/** Adds up what requests hit. Not thread-safe. */
final class HitCounter {
  private final BlockTrace trace;
  private final PrefillCost cost;
  private long blockHits;
  private long requestHits;
  private long fullHits;
  private long tokensSaved;
  private double gpuSecondsSaved;

  HitCounter(BlockTrace trace, PrefillCost cost) {
    this.trace = trace;
    this.cost = cost;
  }

  /** A request hit so many of its blocks. */
  void count(int request, int blocks) {
    blockHits += blocks;
    requestHits += blocks > 0 ? 1 : 0;
    fullHits += blocks == trace.reusable(request) ? 1 : 0;
    long tokens = trace.tokens(request, blocks);
    tokensSaved += tokens;
    gpuSecondsSaved += cost.seconds(tokens);
  }

  Hits hits() {
    return new Hits(
        trace.requests(),
        trace.accesses(),
        blockHits,
        requestHits,
        fullHits,
        tokensSaved,
        gpuSecondsSaved);
  }
}
