package io.kveik.server.tier.object.presence;

import static io.kveik.server.tier.object.presence.Cluster.REFRESH_MILLIS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockRef;
import java.util.LongSummaryStatistics;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How long after its put a block of one server is known to another. */
class PresenceStalenessTest {
  private static final long SEED = 42;
  private static final int PUTS = 300;
  private static final long STEP_MILLIS = 10;

  @Test
  void aPutIsKnownElsewhereWithinTwoAndAHalfRefreshPeriods() {
    SplittableRandom random = new SplittableRandom(SEED);
    LongSummaryStatistics millis = new LongSummaryStatistics();
    try (Cluster cluster = new Cluster()) {
      PresenceDigests a = cluster.start();
      cluster.time.advance(random.nextLong(REFRESH_MILLIS));
      PresenceDigests b = cluster.start();
      a.mayHold(Cluster.block(-1));
      b.mayHold(Cluster.block(-1));
      cluster.settle();
      for (int i = 0; i < PUTS; i++) {
        cluster.time.advance(random.nextLong(REFRESH_MILLIS));
        BlockRef block = Cluster.block(i);
        cluster.put(a, block);
        long waited = 0;
        while (!b.mayHold(block)) {
          cluster.time.advance(STEP_MILLIS);
          waited += STEP_MILLIS;
        }
        millis.accept(waited);
      }
    }
    System.out.printf(
        "staleness in refresh periods, seed %d: mean %.2f, most %.2f%n",
        SEED, millis.getAverage() / REFRESH_MILLIS, millis.getMax() / (double) REFRESH_MILLIS);

    assertThat(millis.getMax()).isLessThanOrEqualTo(REFRESH_MILLIS * 5 / 2 + STEP_MILLIS);
  }
}
