package io.kveik.server.tier.nvme;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.key;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.TestBlocks;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a real process at random moments: all that it said it had stored is there. */
class NvmeTierKillTest {
  private static final int ROUNDS = Integer.getInteger("kveik.kills", 8);
  private static final int MAX_LIFE_MILLIS = 300;

  /** Segments that many lives fill, and room for all that is stored: nothing has to leave. */
  static final NvmeOptions OPTIONS = NvmeOptions.of(64L << 30).withSegmentBytes(16 << 20);

  @TempDir Path directory;

  @Test
  void whatWasAcknowledgedSurvivesKill() throws Exception {
    long seed = TestBlocks.seed("kill");
    SplittableRandom random = new SplittableRandom(seed);
    List<Long> stored = new ArrayList<>();
    try (Slab buffers = Slab.anonymous(8 << 20)) {
      for (int round = 0; round < ROUNDS; round++) {
        int before = stored.size();
        runAndKill(seed + 1_000L * round, random.nextInt(MAX_LIFE_MILLIS), stored);
        assertThat(stored).hasSizeGreaterThan(before);
        try (NvmeTier tier = NvmeTier.open(directory, OPTIONS, Clock.system())) {
          Set<BlockKey> keys = new HashSet<>();
          for (long number : stored) {
            assertHit(tier.get(ref(number), buffers::allocate), number, 1);
            keys.add(key(number));
          }
          // Nor is anything torn among what was stored and not yet said.
          assertThat(tier.scan(header -> assertWhole(tier, buffers, header.ref()))).isTrue();
          assertThat(tier.usage().blocks()).isGreaterThanOrEqualTo(keys.size());
          assertThat(tier.status().quarantined()).isZero();
          NvmeTruth.assertAccountAgreesWithScan(tier);
        }
      }
      assertThat(buffers.liveLeases()).isZero();
    }
    System.out.println("nvme kill: " + ROUNDS + " kills, " + stored.size() + " stored, none lost");
  }

  private static void assertWhole(NvmeTier tier, Slab buffers, BlockRef block) {
    assertThat(tier.get(block, buffers::allocate))
        .isInstanceOf(GetOutcome.Hit.class)
        .satisfies(hit -> ((GetOutcome.Hit) hit).block().close());
  }

  private void runAndKill(long seed, int lifeMillis, List<Long> stored) throws Exception {
    Process child = NvmeTierChild.start(directory, seed, "write");
    Thread killer = new Thread(() -> {});
    try (BufferedReader lines = child.inputReader()) {
      String line = lines.readLine();
      // The time runs from the first block on, not from the start of the JVM.
      killer =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  Thread.sleep(lifeMillis);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                // By its handle, which leaves the pipe open: all that was said is read.
                child.toHandle().destroyForcibly();
              });
      while (line != null) {
        String[] words = line.split(" ", -1);
        if (words.length == 3 && words[2].equals(".")) {
          stored.add(Long.parseLong(words[1]));
        } else {
          assertThat("STORED 0123456789 .").as(line).startsWith(words[0]);
        }
        line = lines.readLine();
      }
    } finally {
      child.destroyForcibly();
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      killer.join();
    }
  }
}
