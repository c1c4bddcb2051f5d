package io.kveik.bench.whatif.reference;

import static org.assertj.core.api.Assertions.within;

import io.kveik.bench.TraceFiles;
import io.kveik.bench.trace.TraceSource;
import io.kveik.bench.whatif.BlockTrace;
import io.kveik.bench.whatif.Candidate;
import io.kveik.bench.whatif.Hits;
import io.kveik.bench.whatif.PrefillCost;
import io.kveik.bench.whatif.Simulation;
import io.kveik.bench.whatif.WhatIf;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every row of the table that a simulator other than ours measured: block hit ratios in % at 1, 2,
 * 5, 10 and 25 % of a trace's blocks.
 */
class TableTest {
  private static final double[] SHARES = {0.01, 0.02, 0.05, 0.10, 0.25};
  private static final PrefillCost COST = new PrefillCost(1e9, 10, 1000, 1e12);

  @ParameterizedTest(name = "{0} on {1}")
  @CsvSource({
    "reference-lru-root-first, conversation, 5.2 7.9 19.5 27.8 35.4, 0.3",
    "reference-lru-root-first, agentic, 21.4 51.1 82.5 93.5 96.1, 0.3",
    "lru, conversation, 5.3 7.9 19.6 27.9 35.4, 0.3",
    "lru, agentic, 33.5 56.3 85.2 94.4 96.1, 0.3",
    "reference-s3-fifo, conversation, 7.5 10.7 18.7 24.5 34.5, 1",
    "reference-s3-fifo, agentic, 31.1 54.4 80.7 92.4 95.6, 1",
    "reference-w-tinylfu, conversation, 9.5 11.9 16.0 20.3 26.0, 1",
    "reference-w-tinylfu, agentic, 27.4 48.0 68.1 79.6 88.5, 1",
    "arc, conversation, 6.5 9.1 21.0 28.4 33.6, 1",
    "arc, agentic, 38.0 59.2 84.6 93.8 96.0, 1",
    "reference-sieve, conversation, 5.8 8.3 12.8 19.5 33.6, 1",
    "reference-sieve, agentic, 2.3 4.0 8.6 13.0 30.0, 1",
    "reference-hit-density, conversation, 10.3 14.9 21.7 29.2 35.5, 1",
    "reference-hit-density, agentic, 34.8 58.0 84.8 94.5 96.1, 1",
    "min, conversation, 24.6 31.4 36.6 36.6 36.6, 0.3",
    "min, agentic, 55.2 74.2 91.1 95.6 96.6, 0.3",
  })
  void agreesWithFiguresOfOthers(String policy, String trace, String row, double points)
      throws IOException {
    BlockTrace blocks =
        BlockTrace.read(
            TraceSource.of(TraceFiles.real(trace + ".jsonl.gz").toString()), Long.MAX_VALUE);
    double[] figures = Arrays.stream(row.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    SoftAssertions cells = new SoftAssertions();
    for (int i = 0; i < SHARES.length; i++) {
      double ratio = 100 * hits(blocks, policy, SHARES[i]).blockHitRatio();
      cells
          .assertThat(ratio)
          .as("at %.0f %%", 100 * SHARES[i])
          .isCloseTo(figures[i], within(points));
    }
    cells.assertAll();
  }

  private static Hits hits(BlockTrace trace, String policy, double share) {
    int capacity = (int) Math.round(share * trace.blocks());
    return policy.equals(WhatIf.MIN)
        ? Simulation.runMin(trace, capacity, COST, new AtomicLong())
        : Simulation.run(trace, candidate(policy), capacity, COST, new AtomicLong());
  }

  private static Candidate candidate(String policy) {
    return Arrays.stream(Reference.values())
        .filter(reference -> reference.key().equals(policy))
        .findFirst()
        .<Candidate>map(Reference::candidate)
        .orElseGet(() -> new Candidate.Policy(policy, PolicyKind.ofKey(policy)));
  }
}
