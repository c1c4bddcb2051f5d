package io.kveik.server.tier.nvme;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A failure at each I/O call: an outcome, never an exception, and the tier is well again after. */
class NvmeTierFaultTest {
  /** More calls than any operation makes; the loops end at the first that is not hit. */
  private static final int MANY = 1_000;

  private final Slab buffers = Slab.anonymous(8 << 20);
  private final SimulatedSegments disk = new SimulatedSegments(true);
  private final ManualTime time = new ManualTime();

  @TempDir Path directory;

  @AfterEach
  void noLeaseIsLeft() {
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  private NvmeTier open() {
    NvmeOptions options = NvmeOptions.of(64 << 20).withSegmentBytes(128 << 10).withOpenThreads(1);
    return NvmeTier.open(Path.of("/data/nvme"), options, time, disk);
  }

  private PutOutcome store(NvmeTier tier, int number) {
    return put(tier, buffers::allocate, number, 1, 9_000, 50);
  }

  @Test
  void put_failsAtEachCall() {
    try (NvmeTier tier = open()) {
      int nth = 1;
      for (; nth < MANY; nth++) {
        disk.failOnce(nth);
        PutOutcome outcome = store(tier, nth);
        boolean hit = disk.disarm();
        if (outcome instanceof PutOutcome.Failed(String reason)) {
          assertThat(reason).startsWith("put: ");
          assertThat(tier.find(ref(nth))).isEqualTo(new FindOutcome.Absent());
        } else {
          assertThat(outcome).isEqualTo(new PutOutcome.Stored());
        }
        assertThat(store(tier, nth))
            .isInstanceOfAny(PutOutcome.Stored.class, PutOutcome.AlreadyPresent.class);
        for (int number = 1; number <= nth; number++) {
          assertHit(tier.get(ref(number), buffers::allocate), number, 1);
        }
        NvmeTruth.assertAccountAgreesWithScan(tier);
        if (!hit) {
          break;
        }
      }
      assertThat(nth).isBetween(4, MANY - 1);
    }
  }

  @Test
  void removalsOfOneCallShareASync() {
    NvmeOptions options = NvmeOptions.of(64 << 20).withSegmentBytes(4 << 20).withOpenThreads(1);
    try (NvmeTier tier = NvmeTier.open(Path.of("/data/nvme"), options, time, disk)) {
      List<BlockRef> blocks = new ArrayList<>();
      for (int number = 0; number < BlockRemovals.MAX_TOGETHER; number++) {
        put(tier, buffers::allocate, number, 1, 100, 0);
        blocks.add(ref(number));
      }
      long before = tier.status().syncs();
      assertThat(tier.removeAll(blocks)).isEmpty();
      assertThat(tier.status().syncs() - before).isEqualTo(1);
    }
  }

  /** What is not said to be left is gone, for the next start as well; the tier goes on. */
  @Test
  void removeAll_failsAtEachCall() {
    int nth = 1;
    for (; nth < MANY; nth++) {
      List<BlockRef> blocks = new ArrayList<>();
      Set<BlockRef> left;
      boolean hit;
      try (NvmeTier tier = open()) {
        // More tombstones than a segment has room for.
        for (int number = 0; number < 40; number++) {
          put(tier, buffers::allocate, number, 1, 100, 0);
          blocks.add(ref(number));
        }
        disk.failOnce(nth);
        left = tier.removeAll(blocks);
        hit = disk.disarm();
        NvmeTruth.assertAccountAgreesWithScan(tier);
      }
      try (NvmeTier tier = open()) {
        for (BlockRef block : blocks) {
          if (!left.contains(block)) {
            assertThat(tier.find(block)).isEqualTo(new FindOutcome.Absent());
          }
        }
        assertThat(tier.removeAll(left)).isEmpty();
        assertThat(tier.usage().blocks()).isZero();
      }
      if (!hit) {
        assertThat(left).isEmpty();
        break;
      }
    }
    assertThat(nth).isBetween(40, MANY - 1);
  }

  @Test
  void get_find_remove_failAtEachCall() {
    try (NvmeTier tier = open()) {
      boolean done = false;
      for (int nth = 1; !done; nth++) {
        assertThat(nth).isLessThan(MANY);
        store(tier, nth);
        disk.failOnce(nth);
        GetOutcome got = tier.get(ref(nth), buffers::allocate);
        done = !disk.disarm();
        if (done) {
          assertHit(got, nth, 1);
        } else {
          assertThat(got).isInstanceOf(GetOutcome.Failed.class);
        }
        disk.failOnce(nth);
        FindOutcome found = tier.find(ref(nth));
        boolean findDone = !disk.disarm();
        assertThat(found)
            .isInstanceOf(findDone ? FindOutcome.Found.class : FindOutcome.Failed.class);
        disk.failOnce(nth);
        boolean removed = tier.remove(ref(nth));
        boolean removeHit = disk.disarm();
        // What it may have hit instead is the making of the next segment's file ahead of need.
        assertThat(removed || removeHit).isTrue();
        assertThat(tier.remove(ref(nth))).isTrue();
        assertThat(tier.get(ref(nth), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
        NvmeTruth.assertAccountAgreesWithScan(tier);
        if (done) {
          assertThat(nth).isGreaterThan(3);
        }
      }
      assertThat(tier.status().quarantined()).isZero();
    }
  }

  @Test
  void open_failsAtEachCallAndHealsByItself() {
    try (NvmeTier tier = open()) {
      for (int number = 0; number < 40; number++) {
        store(tier, number);
      }
    }
    int nth = 1;
    for (; nth < MANY; nth++) {
      disk.failOnce(nth);
      try (NvmeTier tier = open()) {
        boolean hit = disk.disarm();
        if (!tier.status().down().isEmpty()) {
          assertThat(store(tier, 1_000)).isInstanceOf(PutOutcome.Failed.class);
          assertThat(tier.get(ref(1), buffers::allocate)).isInstanceOf(GetOutcome.Failed.class);
          assertThat(tier.find(ref(1))).isInstanceOf(FindOutcome.Failed.class);
          assertThat(tier.remove(ref(1))).isFalse();
          assertThat(tier.scan(header -> {})).isFalse();
          time.advance(NvmeTier.RETRY_MILLIS);
        }
        for (int number = 0; number < 40; number++) {
          assertHit(tier.get(ref(number), buffers::allocate), number, 1);
        }
        assertThat(tier.status().down()).isEmpty();
        if (!hit) {
          break;
        }
      }
    }
    assertThat(nth).isBetween(20, MANY - 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 300})
  void aFullDiskOrOneThatCannotSyncLosesNothingAndHeals(int trials) {
    try (NvmeTier tier = open()) {
      for (int number = 0; number < 40; number++) {
        assertThat(store(tier, number)).isEqualTo(new PutOutcome.Stored());
      }
      long fileBytes = tier.status().fileBytes();
      for (int trial = 0; trial < trials; trial++) {
        disk.failWrites(trial % 2 == 0);
        disk.failSyncs(true);
        assertThat(store(tier, 1_000 + trial)).isInstanceOf(PutOutcome.Failed.class);
        assertThat(tier.remove(ref(3_000))).isIn(true, false);
      }
      for (int number = 0; number < 40; number++) {
        assertHit(tier.get(ref(number), buffers::allocate), number, 1);
      }
      disk.failWrites(false);
      disk.failSyncs(false);
      assertThat(store(tier, 2_000)).isEqualTo(new PutOutcome.Stored());
      for (int number = 0; number < 40; number++) {
        assertHit(tier.get(ref(number), buffers::allocate), number, 1);
      }
      assertThat(tier.usage().blocks()).isEqualTo(41);
      assertThat(tier.status().fileBytes()).isGreaterThanOrEqualTo(fileBytes);
      NvmeTruth.assertAccountAgreesWithScan(tier);
    }
    try (NvmeTier tier = open()) {
      for (int number = 0; number < 40; number++) {
        assertHit(tier.get(ref(number), buffers::allocate), number, 1);
      }
    }
  }

  @Test
  void aMissingDiskIsSaidAndHeals() throws IOException {
    Path occupied = directory.resolve("disk");
    Files.writeString(occupied, "not a directory");
    try (NvmeTier tier = NvmeTier.open(occupied, NvmeOptions.of(1 << 30), time)) {
      assertThat(tier.status().down()).startsWith("open: ");
      assertThat(put(tier, buffers::allocate, 1, 1, 100, 0))
          .isInstanceOfSatisfying(
              PutOutcome.Failed.class, f -> assertThat(f.reason()).startsWith("no disk: "));
      Files.delete(occupied);
      assertThat(put(tier, buffers::allocate, 1, 1, 100, 0)).isInstanceOf(PutOutcome.Failed.class);
      time.advance(NvmeTier.RETRY_MILLIS);
      assertThat(tier.scan(header -> {})).isTrue();
      assertThat(put(tier, buffers::allocate, 1, 1, 100, 0)).isEqualTo(new PutOutcome.Stored());
      assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
    }
  }

  @Test
  void oneTierAtATimeHasTheDirectory() {
    NvmeOptions options = NvmeOptions.of(1 << 30);
    try (NvmeTier first = NvmeTier.open(directory, options, Clock.system());
        NvmeTier second = NvmeTier.open(directory, options, Clock.system())) {
      assertThat(first.status().down()).isEmpty();
      assertThat(second.status().down()).contains("in use by this process");
    }
  }

  @Test
  void anInterruptedThreadGetsOutcomesAndHarmsNobody() {
    NvmeOptions options = NvmeOptions.of(1 << 30);
    try (NvmeTier tier = NvmeTier.open(directory, options, Clock.system())) {
      put(tier, buffers::allocate, 1, 1, 200_000, 30);
      Thread.currentThread().interrupt();
      assertThat(put(tier, buffers::allocate, 2, 1, 3_000, 30))
          .isInstanceOf(PutOutcome.Failed.class);
      assertThat(tier.get(ref(1), buffers::allocate)).isInstanceOf(GetOutcome.Failed.class);
      assertThat(Thread.interrupted()).isTrue();
      assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
      assertThat(put(tier, buffers::allocate, 2, 1, 3_000, 30)).isEqualTo(new PutOutcome.Stored());
    }
  }
}
