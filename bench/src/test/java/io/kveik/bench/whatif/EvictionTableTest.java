package io.kveik.bench.whatif;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.bench.TraceFiles;
import io.kveik.bench.trace.TraceSource;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server's own policies: block hit ratios in % at 1, 2, 5, 10 and 25 % of the blocks. */
class EvictionTableTest {
  private static final double[] SHARES = {0.01, 0.02, 0.05, 0.10, 0.25};
  private static final PrefillCost COST = new PrefillCost(1e9, 10, 1000, 1e12);

  /** The best of all others at each capacity, less half a point. */
  @ParameterizedTest(name = "on {0}")
  @CsvSource({
    "conversation, 10.3 14.9 21.7 29.2 35.5",
    "agentic, 38.0 59.2 85.2 94.5 96.1",
  })
  void defaultIsNeverFarBelowTheBest(String trace, String row) throws IOException {
    BlockTrace blocks = read(trace);
    double[] best = figures(row);
    for (int i = 0; i < SHARES.length; i++) {
      assertThat(ratio(blocks, "default", SHARES[i]))
          .as("at %.0f %%", 100 * SHARES[i])
          .isGreaterThan(best[i] - 0.5);
    }
  }

  /** Without the reasons why turns ended it has 85.1 there. */
  @Test
  void defaultLearnsFromWhyTurnsEnded() throws IOException {
    assertThat(ratio(read("agentic"), "default", 0.05)).isGreaterThan(86);
  }

  /** On made-up traffic the best is whatever our own other policies reach. */
  @ParameterizedTest(name = "on {0}")
  @CsvSource({"chat", "agents", "scan", "loop", "mixed", "shift"})
  void defaultIsNeverFarBelowTheBestOnTrafficItWasNotTunedOn(String kind) throws IOException {
    BlockTrace blocks =
        BlockTrace.read(
            TraceSource.of("synthetic:%s,seed=99,requests=8000".formatted(kind)), Long.MAX_VALUE);
    for (double share : new double[] {0.02, 0.10}) {
      double own = ratio(blocks, "default", share);
      for (PolicyKind other : PolicyKind.values()) {
        assertThat(own)
            .as("%s at %.0f %%", other.key(), 100 * share)
            .isGreaterThan(ratio(blocks, other.key(), share) - 1);
      }
    }
  }

  private static BlockTrace read(String trace) throws IOException {
    return BlockTrace.read(
        TraceSource.of(TraceFiles.real(trace + ".jsonl.gz").toString()), Long.MAX_VALUE);
  }

  private static double ratio(BlockTrace trace, String policy, double share) {
    int capacity = (int) Math.round(share * trace.blocks());
    Hits hits = Simulation.run(trace, PolicyKind.ofKey(policy), capacity, COST, new AtomicLong());
    return 100 * hits.blockHitRatio();
  }

  private static double[] figures(String row) {
    String[] cells = row.split(" ", -1);
    double[] figures = new double[cells.length];
    for (int i = 0; i < cells.length; i++) {
      figures[i] = Double.parseDouble(cells[i]);
    }
    return figures;
  }
}
