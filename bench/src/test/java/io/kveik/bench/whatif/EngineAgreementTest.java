package io.kveik.bench.whatif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kveik.bench.trace.TraceSource;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the simulator foretells is what the engine does, in whatever order writes arrive. */
class EngineAgreementTest {
  private static final double POINTS = 0.5;
  private static final int BLOCKS_PER_ID = 2;
  private static final long SEED = 1;
  private static final PrefillCost COST = new PrefillCost(1e9, 10, 1000, 1e12);

  @ParameterizedTest(name = "{0} on {1} at {2}, {3} writes in flight")
  @CsvSource({
    "default, chat, 0.02, 1",
    "default, chat, 0.02, 8",
    "default, chat, 0.02, 64",
    "default, mixed, 0.10, 8",
    "lru, mixed, 0.10, 8",
    // Tiers of a few requests.
    "lru, agents, 0.01, 1",
    "lru, agents, 0.01, 8",
    "default, mixed, 0.005, 8",
    "default, agents, 0.05, 1",
    "default, agents, 0.05, 8",
  })
  void agreesWithTheSimulator(String policy, String kind, double share, int window)
      throws IOException {
    BlockTrace trace =
        BlockTrace.read(
            TraceSource.of("synthetic:%s,seed=3,requests=3000".formatted(kind)), Long.MAX_VALUE);
    int capacity = (int) Math.round(share * trace.blocks());
    PolicyKind policies = PolicyKind.ofKey(policy);
    Hits simulated = Simulation.run(trace, policies, capacity, COST, new AtomicLong());
    try (EngineReplay engine =
        new EngineReplay(trace, policies, capacity, BLOCKS_PER_ID, window, SEED)) {
      assertThat(100 * engine.hitRatio())
          .isCloseTo(100 * simulated.blockHitRatio(), within(POINTS));
    }
  }
}
