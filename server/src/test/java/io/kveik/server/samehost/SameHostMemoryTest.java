package io.kveik.server.samehost;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.client.data.frame.SharedBlockDescriptor;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is lent can be read through a mapping of one's own, and nothing else ever can. */
class SameHostMemoryTest {
  private static final int MIB = 1 << 20;
  private static final int PAYLOAD = 300_000;
  private static final int METADATA = 100;
  private static final long LEASE_MILLIS = 10_000;

  @TempDir Path directory;
  private final ManualTime time = new ManualTime();
  private Slab slab;
  private BlockBuffers buffers;
  private SameHostMemory memory;

  @BeforeEach
  void open() throws IOException {
    slab = Slab.anonymous(8 * MIB);
    buffers = slab::allocate;
    memory = SameHostMemory.open(options(4 * MIB, 3 * MIB, 8), time, time);
  }

  @AfterEach
  void close() throws IOException {
    assertThat(memory.counters().live.sum()).isZero();
    memory.close();
    assertThat(slab.liveLeases()).isZero();
    slab.close();
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  private SameHostOptions options(long capacityBytes, long tenantBytes, int leases) {
    return new SameHostOptions(
        directory, capacityBytes, tenantBytes, MIB, LEASE_MILLIS, leases, 60_000);
  }

  @Test
  void aLentBlockIsReadInPlace() throws IOException {
    try (Ending borrowerEnds = borrower("acme")) {
      Borrower borrower = borrowerEnds.borrower();
      LentBlock first = copy(borrower, 1);
      assertThat(read(first)).isEqualTo(TestBlocks.body(1, 7, PAYLOAD + METADATA));
      assertThat(generationNow(first)).isEqualTo(first.generation());

      LentBlock again = borrower.lend(TestBlocks.key(1)).orElseThrow();
      assertThat(again.offset()).isEqualTo(first.offset());
      assertThat(again.leaseId()).isNotEqualTo(first.leaseId());
      assertThat(memory.counters().lentInPlace.sum()).isEqualTo(1);
      assertThat(borrower.lend(TestBlocks.key(2))).isEmpty();
    }
  }

  @Test
  void whatIsLeasedStaysAndTheRestMakesRoom() throws IOException {
    try (Ending borrowerEnds = borrower("acme")) {
      Borrower borrower = borrowerEnds.borrower();
      // Three blocks fill a segment, three segments are the tenant's share.
      List<LentBlock> lent = new ArrayList<>();
      for (int number = 0; number < 8; number++) {
        lent.add(copy(borrower, number));
      }
      LentBlock kept = lent.removeFirst();
      lent.forEach(block -> borrower.giveBack(block.leaseId()));

      for (int number = 100; number < 130; number++) {
        LentBlock other = copy(borrower, number);
        assertThat(read(other)).isEqualTo(TestBlocks.body(number, 7, PAYLOAD + METADATA));
        borrower.giveBack(other.leaseId());
        assertThat(generationNow(kept)).isEqualTo(kept.generation());
      }
      assertThat(read(kept)).isEqualTo(TestBlocks.body(0, 7, PAYLOAD + METADATA));
      for (LentBlock gone : lent) {
        assertThat(generationNow(gone)).isNotEqualTo(gone.generation());
      }
      assertThat(memory.usedBytes()).isEqualTo(3 * MIB);
    }
  }

  @Test
  void withEverythingLeasedNothingMoreIsLent() throws IOException {
    memory.close();
    memory = SameHostMemory.open(options(4 * MIB, 2 * MIB, 100), time, time);
    try (Ending borrowerEnds = borrower("acme")) {
      Borrower borrower = borrowerEnds.borrower();
      for (int number = 0; number < 6; number++) {
        copy(borrower, number);
      }
      try (StoredBlock block = block(6)) {
        assertThat(borrower.lendCopyOf(block)).isEmpty();
      }
      assertThat(memory.counters().noRoom.sum()).isEqualTo(1);
    }
  }

  @Test
  void aConnectionHasOnlySoManyLeases() {
    try (Ending borrowerEnds = borrower("acme")) {
      Borrower borrower = borrowerEnds.borrower();
      copy(borrower, 1);
      for (int i = 1; i < 8; i++) {
        assertThat(borrower.lend(TestBlocks.key(1))).isPresent();
      }
      assertThat(borrower.lend(TestBlocks.key(1))).isEmpty();
      assertThat(memory.counters().tooManyLeases.sum()).isEqualTo(1);
    }
  }

  @Test
  void aLeaseEndsWithItsTimeAndItsMemoryIsNotReusedBefore() throws IOException {
    try (Ending borrowerEnds = borrower("acme")) {
      Borrower borrower = borrowerEnds.borrower();
      LentBlock lent = copy(borrower, 1);
      time.advance(LEASE_MILLIS + 500);
      assertThat(borrower.leases()).isEqualTo(1);
      fillWithOthers(borrower);
      assertThat(generationNow(lent)).isEqualTo(lent.generation());

      time.advance(2_000);
      assertThat(borrower.leases()).isZero();
      assertThat(memory.counters().revoked.sum()).isEqualTo(1);
      fillWithOthers(borrower);
      assertThat(generationNow(lent)).isNotEqualTo(lent.generation());
      // A late return of the lease ends nobody else's.
      borrower.giveBack(lent.leaseId());
    }
  }

  @Test
  void aConnectionThatEndsLeavesNoLease() {
    Borrower dies = memory.borrower("acme");
    try (Ending livesEnds = borrower("acme")) {
      Borrower lives = livesEnds.borrower();
      copy(dies, 1);
      assertThat(lives.lend(TestBlocks.key(1))).isPresent();
      dies.end(true);
      assertThat(memory.counters().live.sum()).isEqualTo(1);
    }
  }

  @Test
  void tenantsShareNoFileEverAndIdleOnesGiveTheirsBack() throws IOException {
    List<Path> paths = new ArrayList<>();
    try (Ending acmeEnds = borrower("acme");
        Ending otherEnds = borrower("other")) {
      Borrower acme = acmeEnds.borrower();
      Borrower other = otherEnds.borrower();
      paths.add(copy(acme, 1).segmentPath());
      paths.add(copy(other, 2).segmentPath());
      assertThat(other.lend(TestBlocks.key(1))).isEmpty();
    }
    assertThat(paths.get(0)).isNotEqualTo(paths.get(1));
    // A client that keeps its mapping beyond its connection finds it empty, not another's.
    try (Arena arena = Arena.ofConfined();
        FileChannel file = FileChannel.open(paths.get(0), StandardOpenOption.READ)) {
      assertThat(file.map(FileChannel.MapMode.READ_ONLY, 0, MIB, arena).byteSize()).isEqualTo(MIB);
      time.advance(61_000);
      assertThat(file.size()).isZero();
    }
    assertThat(memory.usedBytes()).isZero();
    assertThat(paths).noneMatch(Files::exists);
  }

  @Test
  void theBudgetIsOfAllTenants() {
    try (Ending acmeEnds = borrower("acme");
        Ending otherEnds = borrower("other")) {
      Borrower acme = acmeEnds.borrower();
      Borrower other = otherEnds.borrower();
      for (int number = 0; number < 7; number++) {
        LentBlock lent = copy(acme, number);
        acme.giveBack(lent.leaseId());
      }
      assertThat(memory.usedBytes()).isEqualTo(3 * MIB);
      copy(other, 1);
      copy(other, 2);
      copy(other, 3);
      assertThat(memory.usedBytes()).isEqualTo(4 * MIB);
      try (StoredBlock block = block(4)) {
        assertThat(other.lendCopyOf(block)).isEmpty();
      }
    }
  }

  @Test
  void aBlockThatFitsNoSegmentIsNotLent() {
    try (Ending ends = borrower("acme");
        StoredBlock huge = TestBlocks.block(buffers, 1, 7, 2 * MIB, 0)) {
      assertThat(ends.borrower().lendCopyOf(huge)).isEmpty();
    }
  }

  @Test
  void filesAreTheServersOwnAndAKilledServersAreRemoved() throws IOException {
    try (Ending borrowerEnds = borrower("acme")) {
      Borrower borrower = borrowerEnds.borrower();
      LentBlock lent = copy(borrower, 1);
      assertThat(Files.getPosixFilePermissions(lent.segmentPath()))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    Path abandoned = Files.createDirectory(directory.resolve(SharedDirectory.PREFIX + "dead"));
    Files.createFile(abandoned.resolve("lock"));
    Files.createFile(abandoned.resolve("0123"));
    SameHostMemory.open(options(4 * MIB, 3 * MIB, 8), time, time).close();
    assertThat(abandoned).doesNotExist();
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).as("the live server's own folder").hasSize(1);
    }
  }

  @Test
  void aConnectionThatTheServerCutOffKeepsItsLeasesUntilTheyEnd() throws IOException {
    Borrower cutOff = memory.borrower("acme");
    LentBlock lent = copy(cutOff, 1);
    cutOff.end(false);
    try (Ending ends = borrower("acme")) {
      fillWithOthers(ends.borrower());
      assertThat(generationNow(lent)).isEqualTo(lent.generation());
      time.advance(LEASE_MILLIS + 2_000);
      fillWithOthers(ends.borrower());
      assertThat(generationNow(lent)).isNotEqualTo(lent.generation());
    }
    assertThat(memory.counters().revoked.sum()).isEqualTo(1);
  }

  /** A borrower whose client ends the connection. */
  private record Ending(Borrower borrower) implements AutoCloseable {
    @Override
    public void close() {
      borrower.end(true);
    }
  }

  private Ending borrower(String tenant) {
    return new Ending(memory.borrower(tenant));
  }

  private void fillWithOthers(Borrower borrower) {
    for (int number = 200; number < 212; number++) {
      LentBlock other = copy(borrower, number);
      borrower.giveBack(other.leaseId());
    }
  }

  private LentBlock copy(Borrower borrower, long number) {
    try (StoredBlock block = block(number)) {
      return borrower.lendCopyOf(block).orElseThrow();
    }
  }

  private StoredBlock block(long number) {
    return TestBlocks.block(buffers, number, 7, PAYLOAD, METADATA);
  }

  private static byte[] read(LentBlock lent) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return map(lent, arena)
          .asSlice(lent.offset() + SharedBlockDescriptor.PAYLOAD_OFFSET, lent.header().bodyLength())
          .toArray(JAVA_BYTE);
    }
  }

  private static long generationNow(LentBlock lent) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return map(lent, arena).get(JAVA_LONG, lent.offset());
    }
  }

  private static MemorySegment map(LentBlock lent, Arena arena) throws IOException {
    try (FileChannel file = FileChannel.open(lent.segmentPath(), StandardOpenOption.READ)) {
      return file.map(FileChannel.MapMode.READ_ONLY, 0, lent.segmentBytes(), arena);
    }
  }
}
