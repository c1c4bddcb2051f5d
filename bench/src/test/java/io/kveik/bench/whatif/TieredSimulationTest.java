package io.kveik.bench.whatif;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.bench.TraceFiles;
import io.kveik.bench.trace.TraceSource;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TieredSimulationTest {
  private static final PrefillCost COST = new PrefillCost(1e9, 10, 1000, 1e12);

  @ParameterizedTest
  @EnumSource(TieredSimulation.Form.class)
  void roomForAllForgetsNothingAndWritesEachBlockOnceAtMost(TieredSimulation.Form form)
      throws IOException {
    BlockTrace trace = synthetic();
    // A segment more than needed, since the youngest is never full when the oldest goes.
    TieredSimulation figures = run(trace, PolicyKind.LRU, 50, 2 * trace.blocks());
    for (TieredSimulation.Row row : figures.rows()) {
      boolean onceAtMost = row.movement() != TieredSimulation.Movement.EXCLUSIVE;
      if (row.form() == form && onceAtMost) {
        assertThat(row.hits().blockHits()).isEqualTo(trace.unboundedHits());
        assertThat(row.writes()).isLessThanOrEqualTo(trace.blocks());
      }
    }
  }

  @Test
  void whatIsKeptBelowSavesWrites() throws IOException {
    TieredSimulation figures = run(synthetic(), PolicyKind.LRU, 200, 2_000);
    double inclusive = writes(figures, TieredSimulation.Movement.INCLUSIVE);
    assertThat(inclusive)
        .isLessThanOrEqualTo(writes(figures, TieredSimulation.Movement.WRITE_THROUGH))
        .isLessThan(writes(figures, TieredSimulation.Movement.EXCLUSIVE));
  }

  /** Issue 4's measure: a point below one tier of the summed size, 71 writes and five percent. */
  @ParameterizedTest
  @EnumSource(names = {"LRU", "DEFAULT"})
  void logKeepsWhatPaysOnTheConversationTrace(PolicyKind dram) throws IOException {
    BlockTrace trace =
        BlockTrace.read(
            TraceSource.of(TraceFiles.real("conversation.jsonl.gz").toString()), Long.MAX_VALUE);
    int percent = trace.blocks() / 100;
    TieredSimulation figures = run(trace, dram, 2 * percent, 20 * percent);
    TieredSimulation.Row row =
        figures.rows().stream()
            .filter(candidate -> candidate.movement() == TieredSimulation.Movement.INCLUSIVE)
            .filter(candidate -> candidate.form() == TieredSimulation.Form.LOG)
            .findFirst()
            .orElseThrow();
    assertThat(row.hits().blockHitRatio())
        .isGreaterThan(figures.reference().blockHitRatio() - 0.01);
    assertThat(row.writesPer100Accesses()).isLessThan(71 * 1.05);
  }

  private static double writes(TieredSimulation figures, TieredSimulation.Movement movement) {
    return figures.rows().stream()
        .filter(row -> row.movement() == movement && row.form() == TieredSimulation.Form.LRU)
        .mapToDouble(TieredSimulation.Row::writesPer100Accesses)
        .findFirst()
        .orElseThrow();
  }

  private static BlockTrace synthetic() throws IOException {
    return BlockTrace.read(TraceSource.of("synthetic:chat,seed=4,requests=1500"), Long.MAX_VALUE);
  }

  private static TieredSimulation run(BlockTrace trace, PolicyKind dram, int dramIds, int nvmeIds) {
    return TieredSimulation.run(trace, dram, dramIds, nvmeIds, COST, new AtomicLong());
  }
}
