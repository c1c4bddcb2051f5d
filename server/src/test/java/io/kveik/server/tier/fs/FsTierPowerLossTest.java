package io.kveik.server.tier.fs;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.assertIntact;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockRef;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power fails, or the process dies, at any I/O call: what was acknowledged is there and whole,
 * what was removed is gone, nothing else is served.
 */
class FsTierPowerLossTest {
  private static final int CUTS = Integer.getInteger("kveik.cuts", 2_000);
  private static final int LIVES = 6;
  private static final int KEYS = 30;
  private static final int NEVER = -1;
  private static final int REMOVED = -2;

  /** A removal failed: it may have been done or not, and may be undone. */
  private static final int GOING = -3;

  private final Path root = Path.of("/data/fs");
  private final Slab buffers = Slab.anonymous(4 << 20);

  /**
   * Per block the variant that was acknowledged, unless it was removed since; {@link #NEVER} for
   * any or none.
   */
  private final Map<Integer, Integer> acknowledged = new HashMap<>();

  private CodecKind codec = CodecKind.NONE;
  private long savedBytes;
  private int removed;

  @ParameterizedTest
  @EnumSource
  void whatWasAcknowledgedSurvivesEveryCut(CodecKind kind) throws IOException {
    codec = kind;
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("power loss"));
    int survived = 0;
    for (int disks = 0; disks * LIVES < CUTS; disks++) {
      acknowledged.clear();
      SimulatedDisk disk = SimulatedDisk.empty();
      // Some lives on one disk, so that each start also finds what the one before left unfinished.
      for (int life = 0; life < LIVES; life++) {
        disk.stopAfter(random.nextInt(1, 400));
        if (random.nextBoolean()) {
          disk.hiccup(random.split(), 20);
        }
        live(disk, random, disks * LIVES + life);
        disk = random.nextInt(3) == 0 ? disk.afterKill() : disk.afterPowerLoss(random);
        survived += assertSurvived(disk);
      }
    }
    assertThat(survived).isGreaterThan(CUTS);
    assertThat(removed).isGreaterThan(CUTS);
    assertThat(savedBytes > 0).isEqualTo(codec != CodecKind.NONE);
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  private void live(SimulatedDisk disk, SplittableRandom random, int cut) {
    // Nobody has told this process of what the one before could not sync.
    acknowledged.replaceAll((_, variant) -> variant == GOING ? NEVER : variant);
    try (FsTier tier = FsTier.open(root, options(), disk)) {
      for (int step = 0; !disk.stopped(); step++) {
        int number = random.nextInt(KEYS);
        switch (random.nextInt(7)) {
          case 0 -> {
            // Even one that fails may have done it, and one that did may be undone by the cut.
            acknowledged.put(number, NEVER);
            tier.evict(ref(number));
          }
          case 1 -> remove(tier, random, number);
          case 2 -> {
            // Gone for this tier, and so for whoever asks before its removal is struck off.
            if (acknowledged.getOrDefault(number, NEVER) == GOING
                && tier.find(ref(number)) instanceof FindOutcome.Absent) {
              acknowledged.put(number, REMOVED);
            }
          }
          case 3 -> {
            if (tier.get(ref(number), buffers::allocate) instanceof GetOutcome.Hit(var block)) {
              block.close();
            }
          }
          default -> {
            int variant = cut * 1_000 + step;
            PutOutcome outcome =
                put(tier, buffers::allocate, number, variant, random.nextInt(3_000), 9);
            if (outcome instanceof PutOutcome.Stored) {
              acknowledged.put(number, variant);
            } else if (outcome instanceof PutOutcome.AlreadyPresent
                && tier.find(ref(number)) instanceof FindOutcome.Found(var header)) {
              // As good as stored by this writer: its own acknowledgement rests on it.
              acknowledged.put(number, (int) header.label());
            } else if (acknowledged.getOrDefault(number, NEVER) < 0) {
              // One that fails may have done it.
              acknowledged.put(number, NEVER);
            }
          }
        }
      }
      savedBytes += tier.codecTotals().map(CodecTotals::savedBytes).orElseThrow();
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith(SimulatedDisk.FAULT);
    }
  }

  /** Some at a time, as a deletion does. */
  private void remove(FsTier tier, SplittableRandom random, int first) {
    List<BlockRef> blocks = new ArrayList<>();
    for (int number = first; number < KEYS; number += random.nextInt(1, KEYS)) {
      blocks.add(ref(number));
      acknowledged.put(number, REMOVED);
    }
    Set<BlockRef> left = tier.removeAll(blocks);
    for (int number = first; number < KEYS; number++) {
      if (left.contains(ref(number))) {
        acknowledged.put(number, GOING);
      }
    }
  }

  private int assertSurvived(SimulatedDisk disk) throws IOException {
    int survived = 0;
    try (FsTier tier = FsTier.open(root, options(), disk)) {
      for (int number = 0; number < KEYS; number++) {
        GetOutcome outcome = tier.get(ref(number), buffers::allocate);
        int variant = acknowledged.getOrDefault(number, NEVER);
        if (variant >= 0) {
          assertHit(outcome, number, variant);
          survived++;
        } else if (variant == REMOVED) {
          assertThat(outcome).as("a removed block").isEqualTo(new GetOutcome.Absent());
          removed++;
        } else if (outcome instanceof GetOutcome.Hit(StoredBlock block)) {
          try (block) {
            assertIntact(block, number);
          }
        } else {
          assertThat(outcome).isEqualTo(new GetOutcome.Absent());
        }
      }
      var usage = tier.usage();
      assertThat(tier.scan(header -> {})).isTrue();
      assertThat(tier.usage()).isEqualTo(usage);
      assertThat(tier.quarantinedTotal()).as("torn files under a block's name").isZero();
    }
    return survived;
  }

  private FsTierOptions options() {
    return FsTierOptions.of(1L << 30, 1).withCodec(CodecOptions.of(codec));
  }
}
