package io.kveik.server.tier.nvme;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.assertIntact;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockRef;
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
import java.util.Set;
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

  /** With it a footer that was written over an unsound one once brought a removed block back. */
  private static final long REGRESSION_SEED = 28_284_585_451_982L;

  private static final long SEGMENT_BYTES = 128 << 10;

  /** Nothing leaves. */
  private static final NvmeOptions ROOMY = options(2_048);

  /** Segments are freed all the time. */
  private static final NvmeOptions CRAMPED = options(6);

  private static NvmeOptions options(int segments) {
    return NvmeOptions.of(segments * SEGMENT_BYTES)
        .withSegmentBytes(SEGMENT_BYTES)
        .withOpenThreads(1);
  }

  private final Slab buffers = Slab.anonymous(4 << 20);
  private final Map<Integer, Integer> known = new HashMap<>();

  @ParameterizedTest(name = "direct I/O: {0}")
  @ValueSource(booleans = {true, false})
  void whatWasAcknowledgedSurvivesEveryCut(boolean direct) {
    survivesEveryCut(direct, ROOMY);
  }

  /** What was put may have been evicted; what was removed was, together with its tombstone. */
  @ParameterizedTest(name = "direct I/O: {0}")
  @ValueSource(booleans = {true, false})
  void whatWasRemovedStaysSoWhileSegmentsAreFreed(boolean direct) {
    survivesEveryCut(direct, CRAMPED);
  }

  /**
   * What one start made of records that nobody was told are there, all later ones do. The sync of a
   * tombstone failed, and power losses take parts of footers, again and again.
   */
  @ParameterizedTest(name = "direct I/O: {0}")
  @ValueSource(booleans = {true, false})
  void startsAgreeOnWhatASyncFailedOn(boolean direct) {
    SplittableRandom random = new SplittableRandom(REGRESSION_SEED);
    for (int round = 0; round < 500; round++) {
      SimulatedSegments disk = new SimulatedSegments(direct);
      try (NvmeTier tier = open(disk, ROOMY)) {
        for (int number = 0; number < 12; number++) {
          put(tier, buffers::allocate, number, 1, 10, 0);
        }
        disk.failSyncs(true);
        assertThat(tier.remove(ref(0))).isFalse();
      }
      disk = disk.afterPowerLoss(random);
      boolean found = finds(disk, 0);
      for (int start = 0; start < 3; start++) {
        disk = disk.afterPowerLoss(random);
        assertThat(finds(disk, 0)).as("round %d, start %d", round, start).isEqualTo(found);
      }
    }
    buffers.close();
  }

  private static boolean finds(SimulatedSegments disk, int number) {
    try (NvmeTier tier = open(disk, ROOMY)) {
      return tier.find(ref(number)) instanceof FindOutcome.Found;
    }
  }

  private void survivesEveryCut(boolean direct, NvmeOptions options) {
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
        live(disk, options, random, disks * LIVES + life);
        disk = random.nextInt(3) == 0 ? disk.afterKill() : disk.afterPowerLoss(random);
        survived += assertSurvived(disk, options);
      }
    }
    System.out.println("nvme: " + CUTS + " cuts, " + survived + " blocks survived, none lost");
    assertThat(survived).isGreaterThan(CUTS);
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  private void live(SimulatedSegments disk, NvmeOptions options, SplittableRandom random, int cut) {
    try (NvmeTier tier = open(disk, options)) {
      for (int step = 0; step < 400 && !disk.stopped(); step++) {
        int number = random.nextInt(KEYS);
        switch (random.nextInt(50)) {
          case 0 -> removeTogether(tier, random);
          case 1, 2, 3, 4, 5, 6, 7, 8, 9 ->
              known.put(number, tier.remove(ref(number)) ? ABSENT : ANYTHING);
          case 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 -> {
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
                // It may be there, or what was there still is, unless that was evicted.
                if (options.equals(CRAMPED) || known.getOrDefault(number, ABSENT) == ABSENT) {
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

  private void removeTogether(NvmeTier tier, SplittableRandom random) {
    Map<BlockRef, Integer> some = new HashMap<>();
    for (int number = 0; number < KEYS; number++) {
      if (random.nextBoolean()) {
        some.put(ref(number), number);
      }
    }
    Set<BlockRef> left = tier.removeAll(some.keySet());
    some.forEach((block, number) -> known.put(number, left.contains(block) ? ANYTHING : ABSENT));
  }

  private int assertSurvived(SimulatedSegments disk, NvmeOptions options) {
    int survived = 0;
    try (NvmeTier tier = open(disk, options)) {
      assertThat(tier.status().down()).isEmpty();
      for (int number = 0; number < KEYS; number++) {
        GetOutcome outcome = tier.get(ref(number), buffers::allocate);
        int expected = known.getOrDefault(number, ABSENT);
        if (options.equals(CRAMPED) && expected >= 0 && outcome instanceof GetOutcome.Absent) {
          // Evicted. Whether a later start may find it again is not what this is about.
          continue;
        }
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

  private static NvmeTier open(SimulatedSegments disk, NvmeOptions options) {
    return NvmeTier.open(Path.of("/data/nvme"), options, Clock.system(), disk);
  }
}
