package io.kveik.server.tier.nvme;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.assertIntact;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The power fails, or the process dies, at any I/O call: what was acknowledged is there and whole,
 * what was removed is not, nothing else is served.
 */
class NvmeTierPowerLossTest {
  private static final int CUTS = Integer.getInteger("kveik.cuts", 300);
  private static final int LIVES = 6;
  private static final int KEYS = 30;

  /** What a key's block may be: not there, anything, or the variant of that number. */
  private static final int ABSENT = -1;

  private static final int ANYTHING = -2;

  private final Path root = Path.of("/data/nvme");
  private final Slab buffers = Slab.anonymous(4 << 20);
  private final Map<Integer, Integer> known = new HashMap<>();

  @ParameterizedTest(name = "direct I/O: {0}")
  @ValueSource(booleans = {true, false})
  void whatWasAcknowledgedSurvivesEveryCut(boolean direct) {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("nvme power loss"));
    int survived = 0;
    for (int disks = 0; disks * LIVES < CUTS; disks++) {
      known.clear();
      SimulatedSegments disk = new SimulatedSegments(direct);
      // Some lives on one disk, so that each start also finds what the one before left unfinished.
      for (int life = 0; life < LIVES; life++) {
        disk.stopAfter(random.nextInt(1, 800));
        if (random.nextBoolean()) {
          disk.hiccup(random.split(), 40);
        }
        live(disk, random, disks * LIVES + life);
        disk = random.nextInt(3) == 0 ? disk.afterKill() : disk.afterPowerLoss(random);
        survived += assertSurvived(disk);
      }
    }
    System.out.println("nvme: " + CUTS + " cuts, " + survived + " blocks survived, none lost");
    assertThat(survived).isGreaterThan(CUTS);
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  private void live(SimulatedSegments disk, SplittableRandom random, int cut) {
    try (NvmeTier tier = NvmeTier.open(root, options(), Clock.system(), disk)) {
      for (int step = 0; step < 400 && !disk.stopped(); step++) {
        int number = random.nextInt(KEYS);
        switch (random.nextInt(5)) {
          case 0 -> known.put(number, tier.remove(ref(number)) ? ABSENT : ANYTHING);
          case 1 -> {
            if (tier.get(ref(number), buffers::allocate) instanceof GetOutcome.Hit(var block)) {
              block.close();
            }
          }
          default -> {
            int variant = cut * 1_000 + step;
            switch (put(tier, buffers::allocate, number, variant, random.nextInt(9_000), 9)) {
              case PutOutcome.Stored() -> known.put(number, variant);
              case PutOutcome.AlreadyPresent() -> {
                if (tier.find(ref(number)) instanceof FindOutcome.Found(var header)) {
                  known.put(number, (int) header.label());
                }
              }
              case PutOutcome.Failed(_) -> {
                // It may be there, or what was there still is.
                if (known.getOrDefault(number, ABSENT) == ABSENT) {
                  known.put(number, ANYTHING);
                }
              }
              case PutOutcome.Full(String limit) -> throw new AssertionError(limit);
            }
          }
        }
      }
    }
  }

  private int assertSurvived(SimulatedSegments disk) {
    int survived = 0;
    try (NvmeTier tier = NvmeTier.open(root, options(), Clock.system(), disk)) {
      assertThat(tier.status().down()).isEmpty();
      for (int number = 0; number < KEYS; number++) {
        GetOutcome outcome = tier.get(ref(number), buffers::allocate);
        int expected = known.getOrDefault(number, ABSENT);
        if (expected >= 0) {
          assertHit(outcome, number, expected);
          survived++;
        } else if (expected == ANYTHING && outcome instanceof GetOutcome.Hit(StoredBlock block)) {
          try (block) {
            assertIntact(block, number);
            // From now on it must stay what it is.
            known.put(number, (int) block.header().label());
          }
        } else {
          assertThat(outcome).isEqualTo(new GetOutcome.Absent());
          known.put(number, ABSENT);
        }
      }
      NvmeTruth.assertAccountAgreesWithScan(tier);
      assertThat(tier.status().quarantined()).isZero();
    }
    return survived;
  }

  private static NvmeOptions options() {
    return NvmeOptions.of(256 << 20).withSegmentBytes(128 << 10).withOpenThreads(1);
  }
}
