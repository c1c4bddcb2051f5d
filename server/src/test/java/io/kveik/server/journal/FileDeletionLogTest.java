package io.kveik.server.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.OwedRemoval;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was recorded is there after any end of the process; what was damaged is passed over. */
class FileDeletionLogTest {
  private static final String NAME = "deletions.log";

  @TempDir Path directory;

  private static OwedRemoval removal(long number) {
    SplittableRandom random = new SplittableRandom(number);
    Fingerprint namespace = new Fingerprint(random.nextLong(), 2, 3, random.nextLong());
    String tier = random.nextBoolean() ? "fs" : "sixteen-letters-";
    return random.nextInt(4) == 0
        ? new OwedRemoval.OfNamespace(tier, namespace, random.nextLong(1L << 42))
        : new OwedRemoval.OfBlock(
            tier,
            new BlockRef(namespace, new BlockKey(number, random.nextLong(), 5, 6)),
            random.nextLong(1L << 42));
  }

  private static List<OwedRemoval> removals(int first, int count) {
    List<OwedRemoval> removals = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      removals.add(removal(i));
    }
    return removals;
  }

  private List<OwedRemoval> reopened() throws IOException {
    try (FileDeletionLog log = FileDeletionLog.open(directory, NAME)) {
      return log.recovered();
    }
  }

  private Path file() {
    return directory.resolve(NAME);
  }

  @Test
  void keepsWhatWasAppendedOverManyBatches() throws IOException {
    try (FileDeletionLog log = FileDeletionLog.open(directory, NAME)) {
      assertThat(log.recovered()).isEmpty();
      log.append(removals(0, 3));
      log.append(removals(3, 5_000));
      assertThat(log.records()).isEqualTo(5_003);
    }
    assertThat(reopened()).isEqualTo(removals(0, 5_003));
    assertThat(Files.size(file())).isEqualTo(5_003L * DeletionRecordDescriptor.LENGTH);
  }

  @Test
  void rewritingLeavesOnlyWhatIsStillOwed() throws IOException {
    try (FileDeletionLog log = FileDeletionLog.open(directory, NAME)) {
      log.append(removals(0, 100));
      log.rewrite(removals(40, 2));
      log.append(removals(200, 1));
    }
    List<OwedRemoval> expected = new ArrayList<>(removals(40, 2));
    expected.add(removal(200));
    assertThat(reopened()).isEqualTo(expected);
  }

  @Test
  void tornTailIsDroppedAndWrittenOver() throws IOException {
    try (FileDeletionLog log = FileDeletionLog.open(directory, NAME)) {
      log.append(removals(0, 10));
    }
    byte[] whole = Files.readAllBytes(file());
    for (int cut = 1; cut < 2 * DeletionRecordDescriptor.LENGTH; cut += 7) {
      Files.write(file(), Arrays.copyOf(whole, whole.length - cut));
      int left = 10 - (cut + DeletionRecordDescriptor.LENGTH - 1) / DeletionRecordDescriptor.LENGTH;
      try (FileDeletionLog log = FileDeletionLog.open(directory, NAME)) {
        assertThat(log.recovered()).as("cut by %d", cut).isEqualTo(removals(0, left));
        assertThat(log.damaged()).isZero();
        log.append(removals(left, 1));
      }
      assertThat(reopened()).isEqualTo(removals(0, left + 1));
    }
  }

  @Test
  void anyFlippedBitCostsItsRecordAlone() throws IOException {
    long seed = TestBlocks.seed("FileDeletionLogTest");
    SplittableRandom random = new SplittableRandom(seed);
    try (FileDeletionLog log = FileDeletionLog.open(directory, NAME)) {
      log.append(removals(0, 20));
    }
    byte[] whole = Files.readAllBytes(file());
    for (int round = 0; round < 500; round++) {
      byte[] damaged = whole.clone();
      int at = random.nextInt(19 * DeletionRecordDescriptor.LENGTH);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file(), damaged, StandardOpenOption.TRUNCATE_EXISTING);
      List<OwedRemoval> expected = new ArrayList<>(removals(0, 20));
      expected.remove(at / DeletionRecordDescriptor.LENGTH);
      try (FileDeletionLog log = FileDeletionLog.open(directory, NAME)) {
        assertThat(log.recovered()).as("seed %d, byte %d", seed, at).isEqualTo(expected);
        assertThat(log.damaged()).isEqualTo(1);
      }
    }
  }

  @Test
  void recordsAreOfTheDocumentedLayout() {
    ByteBuffer record = ByteBuffer.allocate(DeletionRecordDescriptor.LENGTH);
    DeletionRecordDescriptor.encode(
        new OwedRemoval.OfNamespace("fs", new Fingerprint(1, 2, 3, 4), 5), record);
    record.flip();
    assertThat(record.getInt(0)).isEqualTo(0x4B56444C);
    assertThat(record.getShort(4)).isEqualTo((short) 1);
    assertThat(record.get(6)).isEqualTo((byte) 2);
    assertThat(record.get(7)).isEqualTo((byte) 2);
    assertThat(record.get(8)).isEqualTo((byte) 'f');
    assertThat(record.getLong(24)).isEqualTo(5);
    assertThat(record.getLong(56)).isEqualTo(4);
    assertThat(record.getLong(64)).isZero();
    assertThat(DeletionRecordDescriptor.decode(record.duplicate().limit(103))).isEmpty();
  }

  @Test
  void tierNamesAreBounded() {
    OwedRemoval tooLong =
        new OwedRemoval.OfNamespace("seventeen-letters", new Fingerprint(1, 2, 3, 4), 5);
    assertThatThrownBy(() -> DeletionRecordDescriptor.encode(tooLong, ByteBuffer.allocate(104)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tier name: 17 bytes, at most 16");
  }
}
