package io.kveik.server.tier.fs;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.key;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A failure at each I/O call of each operation: an outcome, never an exception, and no trace left.
 */
class FsTierFaultTest {
  private static final String ENOSPC = "No space left on device";
  private static final String EIO = "Input/output error";

  /** More calls than any operation makes; the loops end at the first that is not hit. */
  private static final int MANY = 1_000;

  @TempDir Path directory;

  private final Slab buffers = Slab.anonymous(8 << 20);
  private final FaultyBlockFiles files = new FaultyBlockFiles(DiskBlockFiles.create());
  private FsTier tier;

  @BeforeEach
  void open() throws IOException {
    tier = FsTier.open(directory, FsTierOptions.of(1L << 30, 1), files);
  }

  @AfterEach
  void close() {
    tier.close();
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  @ParameterizedTest
  @EnumSource
  void put_failsAtEachCall(FaultyBlockFiles.Mode mode) throws IOException {
    // In small pieces, so that the disk also fills up in the middle of header and body.
    files.limitTransfers(1_000);
    int failed = 0;
    int nth = 1;
    for (; nth < MANY; nth++) {
      files.arm(mode, nth, ENOSPC);
      PutOutcome outcome = put(tier, buffers::allocate, nth, 1, 5_000, 50);
      boolean hit = files.hit();
      files.disarm();
      if (outcome instanceof PutOutcome.Failed(String reason)) {
        failed++;
        assertThat(reason).startsWith("put: ").contains(ENOSPC).doesNotContain("" + directory);
      } else {
        assertThat(outcome).isEqualTo(new PutOutcome.Stored());
        assertHit(tier.get(ref(nth), buffers::allocate), nth, 1);
      }
      DiskTruth.assertAccountExact(directory, tier);
      if (mode == FaultyBlockFiles.Mode.ONCE) {
        assertThat(DiskTruth.temporaries(directory)).hasSizeLessThanOrEqualTo(1);
        if (outcome instanceof PutOutcome.Failed) {
          assertThat(DiskTruth.temporaries(directory)).isEmpty();
          assertThat(tier.find(ref(nth))).isEqualTo(new FindOutcome.Absent());
        }
        for (Path left : DiskTruth.temporaries(directory)) {
          // The one call whose failure leaves the outcome alone: the cleaning up itself.
          Files.delete(left);
        }
      }
      // The fault gone, the tier is well again.
      PutOutcome again = put(tier, buffers::allocate, nth, 1, 5_000, 50);
      assertThat(again).isInstanceOfAny(PutOutcome.Stored.class, PutOutcome.AlreadyPresent.class);
      assertHit(tier.get(ref(nth), buffers::allocate), nth, 1);
      if (!hit) {
        break;
      }
    }
    assertThat(nth).isBetween(15, MANY - 1);
    assertThat(failed).isGreaterThanOrEqualTo(nth - 2);
    tier.close();
    open();
    DiskTruth.assertAccountExact(directory, tier);
    assertThat(tier.usage().blocks()).isEqualTo(nth);
    assertThat(DiskTruth.temporaries(directory)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void get_failsAtEachCall(FaultyBlockFiles.Mode mode) {
    put(tier, buffers::allocate, 1, 1, 5_000, 50);
    files.limitTransfers(1_000);
    int failed = 0;
    int nth = 1;
    for (; nth < MANY; nth++) {
      files.arm(mode, nth, EIO);
      GetOutcome outcome = tier.get(ref(1), buffers::allocate);
      boolean hit = files.hit();
      files.disarm();
      if (!hit) {
        assertHit(outcome, 1, 1);
        break;
      }
      if (outcome instanceof GetOutcome.Hit) {
        // The failed close of a file that was read in full.
        assertHit(outcome, 1, 1);
      } else {
        failed++;
        assertThat(outcome).isEqualTo(new GetOutcome.Failed("get: " + EIO));
      }
      assertThat(buffers.liveLeases()).isZero();
      assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
    }
    assertThat(nth).isBetween(8, MANY - 1);
    assertThat(failed).isEqualTo(nth - 2);
    assertThat(tier.quarantinedTotal()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void getOfACorruptBlock_failsAtEachCall(FaultyBlockFiles.Mode mode) throws IOException {
    int nth = 1;
    for (; nth < MANY; nth++) {
      put(tier, buffers::allocate, nth, 1, 5_000, 50);
      Files.write(
          new FsLayout(directory).file(key(nth)), new byte[] {1}, StandardOpenOption.APPEND);
      files.arm(mode, nth, EIO);
      GetOutcome outcome = tier.get(ref(nth), buffers::allocate);
      boolean hit = files.hit();
      files.disarm();
      assertThat(outcome).isInstanceOfAny(GetOutcome.Corrupt.class, GetOutcome.Failed.class);
      assertThat(tier.get(ref(nth), buffers::allocate))
          .isInstanceOfAny(GetOutcome.Corrupt.class, GetOutcome.Absent.class);
      assertThat(tier.scan(header -> {})).isTrue();
      DiskTruth.assertAccountExact(directory, tier);
      if (!hit) {
        break;
      }
    }
    assertThat(nth).isBetween(8, MANY - 1);
    assertThat(tier.usage().blocks()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void find_remove_failAtEachCall(FaultyBlockFiles.Mode mode) throws IOException {
    boolean findDone = false;
    boolean removeDone = false;
    int goneWithoutSync = 0;
    for (int nth = 1; !findDone || !removeDone; nth++) {
      assertThat(nth).isLessThan(MANY);
      put(tier, buffers::allocate, nth, 1, 500, 50);
      files.arm(mode, nth, EIO);
      FindOutcome found = tier.find(ref(nth));
      findDone = !files.hit();
      if (findDone) {
        assertThat(found).isInstanceOf(FindOutcome.Found.class);
      } else {
        // Found: the failed close of a file whose header was read.
        assertThat(found).isInstanceOfAny(FindOutcome.Found.class, FindOutcome.Failed.class);
      }
      files.arm(mode, nth, EIO);
      boolean removed = tier.remove(ref(nth));
      removeDone = !files.hit();
      files.disarm();
      assertThat(removed).isEqualTo(removeDone);
      boolean gone = tier.find(ref(nth)) instanceof FindOutcome.Absent;
      // Gone all the same: the failed sync of what had been done.
      goneWithoutSync += gone && !removed ? 1 : 0;
      assertThat(gone).isIn(true, removed);
      DiskTruth.assertAccountExact(directory, tier);
    }
    assertThat(goneWithoutSync).isEqualTo(1);
  }

  @Test
  void whatMayComeBackIsNotSaidToBeGone() throws IOException {
    put(tier, buffers::allocate, 1, 1, 500, 50);
    // A look at its length, the deletion, the sync.
    files.arm(FaultyBlockFiles.Mode.FROM_THEN_ON, 3, EIO);
    assertThat(tier.remove(ref(1))).isFalse();
    assertThat(files.hit()).isTrue();
    assertThat(tier.find(ref(1))).isEqualTo(new FindOutcome.Failed("find: " + EIO));
    files.disarm();
    files.failForcedDirectories(EIO);
    assertThat(tier.find(ref(1))).isEqualTo(new FindOutcome.Failed("find: " + EIO));
    assertThat(tier.scan(header -> {})).isFalse();
    assertThat(tier.remove(ref(1))).isFalse();
    // What was only evicted is nobody's promise.
    assertThat(tier.find(ref(2))).isEqualTo(new FindOutcome.Absent());
    files.disarm();
    assertThat(tier.find(ref(1))).isEqualTo(new FindOutcome.Absent());
    assertThat(tier.scan(header -> {})).isTrue();
    assertThat(tier.remove(ref(1))).isTrue();
  }

  @Test
  void aDirectoryIsSyncedOnceForAllThatIsTakenFromItAndNotForEvictions() {
    List<BlockRef> blocks = new ArrayList<>();
    for (int number = 0; number < 64; number++) {
      put(tier, buffers::allocate, number, 1, 10, 0);
      blocks.add(ref(number));
    }
    long before = files.forcedDirectories();
    assertThat(tier.evict(ref(0))).isTrue();
    assertThat(files.forcedDirectories()).isEqualTo(before);
    assertThat(tier.removeAll(blocks)).isEmpty();
    long leaves = blocks.stream().map(block -> FsLayout.leafOf(block.key())).distinct().count();
    assertThat(files.forcedDirectories()).isEqualTo(before + leaves);
    // All of it is synced: nothing is left to be made durable.
    assertThat(tier.removeAll(blocks)).isEmpty();
    assertThat(files.forcedDirectories()).isEqualTo(before + leaves);
  }

  @ParameterizedTest
  @EnumSource
  void scan_failsAtEachCall(FaultyBlockFiles.Mode mode) throws IOException {
    int blocks = 10;
    for (int number = 0; number < blocks; number++) {
      put(tier, buffers::allocate, number, 1, 500, 50);
    }
    int incomplete = 0;
    int nth = 1;
    for (; nth < MANY; nth++) {
      List<BlockHeader> seen = new ArrayList<>();
      files.arm(mode, nth, EIO);
      boolean complete = tier.scan(seen::add);
      boolean hit = files.hit();
      files.disarm();
      if (!hit) {
        assertThat(complete).isTrue();
        assertThat(seen).hasSize(blocks);
        break;
      }
      incomplete += complete ? 0 : 1;
      if (mode == FaultyBlockFiles.Mode.ONCE && nth > 1) {
        // One bad directory is no reason to give up the others.
        assertThat(seen).hasSizeGreaterThanOrEqualTo(blocks - 2);
      }
      DiskTruth.assertAccountExact(directory, tier);
    }
    assertThat(nth).isBetween(3 * blocks, MANY - 1);
    // All but the failed closes of the files that were read.
    assertThat(incomplete)
        .isEqualTo(mode == FaultyBlockFiles.Mode.ONCE ? nth - 1 - blocks : nth - 2);
    assertThat(tier.quarantinedTotal()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void open_failsAtEachCallAndLetsGoOfTheDirectory(FaultyBlockFiles.Mode mode) throws IOException {
    put(tier, buffers::allocate, 1, 1, 500, 50);
    tier.close();
    Files.createFile(directory.resolve("tmp/left.tmp"));
    int nth = 1;
    for (; nth < MANY; nth++) {
      files.arm(mode, nth, EIO);
      boolean opened = false;
      try {
        open();
        opened = true;
        tier.close();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining(EIO);
      }
      boolean hit = files.hit();
      files.disarm();
      if (!hit) {
        assertThat(opened).isTrue();
        break;
      }
      open();
      assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
      tier.close();
    }
    assertThat(nth).isBetween(8, MANY - 1);
  }

  @Test
  void shortTransfersAreNoFault() {
    for (int limit : new int[] {1, 7, 159, 160, 161, 4_096}) {
      files.limitTransfers(limit);
      assertThat(put(tier, buffers::allocate, limit, 1, 3_000, 30))
          .isEqualTo(new PutOutcome.Stored());
      assertHit(tier.get(ref(limit), buffers::allocate), limit, 1);
    }
  }

  @Test
  void transfersThatMoveNothingEnd() {
    put(tier, buffers::allocate, 1, 1, 3_000, 30);
    files.limitTransfers(0);
    assertThat(put(tier, buffers::allocate, 2, 1, 3_000, 30))
        .isEqualTo(new PutOutcome.Failed("put: write: write made no progress"));
    assertThat(tier.get(ref(1), buffers::allocate))
        .isEqualTo(new GetOutcome.Failed("get: read made no progress"));
    files.limitTransfers(Integer.MAX_VALUE);
    assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
  }

  @Test
  void anInterruptedThreadGetsOutcomesAndStaysInterrupted() {
    put(tier, buffers::allocate, 1, 1, 3_000, 30);
    Thread.currentThread().interrupt();
    assertThat(put(tier, buffers::allocate, 2, 1, 3_000, 30)).isInstanceOf(PutOutcome.Failed.class);
    assertThat(tier.get(ref(1), buffers::allocate)).isInstanceOf(GetOutcome.Failed.class);
    assertThat(Thread.interrupted()).isTrue();
    assertHit(tier.get(ref(1), buffers::allocate), 1, 1);
    assertThat(put(tier, buffers::allocate, 2, 1, 3_000, 30)).isEqualTo(new PutOutcome.Stored());
  }
}
