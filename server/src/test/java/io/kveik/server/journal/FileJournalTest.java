package io.kveik.server.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.KeptSetting;
import io.kveik.server.cache.KeptSetting.Subject;
import io.kveik.server.cache.KeptSetting.Value;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
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
class FileJournalTest {
  private static final int LENGTH = SettingRecordDescriptor.LENGTH;

  /** What a disk writes whole or not at all. */
  private static final int SECTOR = 512;

  @TempDir Path directory;

  static KeptSetting setting(long number) {
    SplittableRandom random = new SplittableRandom(number);
    Fingerprint namespace = new Fingerprint(random.nextLong(), 2, 3, random.nextLong());
    Subject subject =
        random.nextInt(4) == 0
            ? new Subject.OfNamespace(namespace)
            : new Subject.OfBlock(
                new BlockRef(namespace, new BlockKey(number, random.nextLong(), 5, 6)));
    Value value =
        switch (random.nextInt(3)) {
          case 0 -> new Value.Priority(random.nextInt(4));
          case 1 ->
              new Value.Ttl(
                  TtlKind.ofCode(random.nextInt(3)),
                  random.nextLong(1L << 40),
                  random.nextLong(1L << 42));
          default -> new Value.Pinned(random.nextBoolean());
        };
    return new KeptSetting(subject, value, random.nextLong(1L << 42));
  }

  private static List<KeptSetting> settings(int first, int count) {
    List<KeptSetting> settings = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      settings.add(setting(i));
    }
    return settings;
  }

  private List<KeptSetting> reopened() throws IOException {
    try (FileJournal<KeptSetting> journal = FileJournal.settings(directory)) {
      return journal.recovered();
    }
  }

  private Path file() {
    return directory.resolve(FileJournal.SETTINGS);
  }

  @Test
  void keepsWhatWasAppendedOverManyBatches() throws IOException {
    try (FileJournal<KeptSetting> journal = FileJournal.settings(directory)) {
      assertThat(journal.recovered()).isEmpty();
      journal.append(settings(0, 3));
      journal.append(settings(3, 5_000));
      assertThat(journal.records()).isEqualTo(5_003);
    }
    assertThat(reopened()).isEqualTo(settings(0, 5_003));
    assertThat(Files.size(file())).isEqualTo(5_003L * LENGTH);
  }

  @Test
  void rewritingLeavesOnlyWhatStillHolds() throws IOException {
    try (FileJournal<KeptSetting> journal = FileJournal.settings(directory)) {
      journal.append(settings(0, 100));
      journal.rewrite(settings(40, 2));
      journal.append(settings(200, 1));
    }
    List<KeptSetting> expected = new ArrayList<>(settings(40, 2));
    expected.add(setting(200));
    assertThat(reopened()).isEqualTo(expected);
  }

  @Test
  void tornTailIsDroppedAndWrittenOver() throws IOException {
    try (FileJournal<KeptSetting> journal = FileJournal.settings(directory)) {
      journal.append(settings(0, 10));
    }
    byte[] whole = Files.readAllBytes(file());
    for (int cut = 1; cut < 2 * LENGTH; cut += 7) {
      Files.write(file(), Arrays.copyOf(whole, whole.length - cut));
      int left = 10 - (cut + LENGTH - 1) / LENGTH;
      try (FileJournal<KeptSetting> journal = FileJournal.settings(directory)) {
        assertThat(journal.recovered()).as("cut by %d", cut).isEqualTo(settings(0, left));
        assertThat(journal.damaged()).isZero();
        journal.append(settings(left, 1));
      }
      assertThat(reopened()).isEqualTo(settings(0, left + 1));
    }
  }

  @Test
  void anyFlippedBitCostsItsRecordAlone() throws IOException {
    long seed = TestBlocks.seed("FileJournalTest");
    SplittableRandom random = new SplittableRandom(seed);
    try (FileJournal<KeptSetting> journal = FileJournal.settings(directory)) {
      journal.append(settings(0, 20));
    }
    byte[] whole = Files.readAllBytes(file());
    for (int round = 0; round < 500; round++) {
      byte[] damaged = whole.clone();
      int at = random.nextInt(19 * LENGTH);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file(), damaged, StandardOpenOption.TRUNCATE_EXISTING);
      List<KeptSetting> expected = new ArrayList<>(settings(0, 20));
      expected.remove(at / LENGTH);
      try (FileJournal<KeptSetting> journal = FileJournal.settings(directory)) {
        assertThat(journal.recovered()).as("seed %d, byte %d", seed, at).isEqualTo(expected);
        assertThat(journal.damaged()).isEqualTo(1);
      }
    }
  }

  /**
   * The power fails during an append or a rewrite: of the sectors that were being written any may
   * have arrived, and the file may have grown or not. What was acknowledged is there in its order,
   * nothing comes up that was never appended, and the next appends find a sound end.
   */
  @Test
  void whatWasAcknowledgedSurvivesEveryPowerCut() throws IOException {
    long seed = TestBlocks.seed("FileJournalTest power cuts");
    SplittableRandom random = new SplittableRandom(seed);
    for (int disk = 0; disk < 60; disk++) {
      Files.deleteIfExists(file());
      List<KeptSetting> acknowledged = new ArrayList<>();
      int next = 0;
      for (int cut = 0; cut < 6; cut++) {
        String what = "seed %d disk %d cut %d".formatted(seed, disk, cut);
        List<KeptSetting> underWay = settings(next, 1 + random.nextInt(30));
        next += underWay.size();
        byte[] before = Files.exists(file()) ? Files.readAllBytes(file()) : new byte[0];
        boolean rewrites = random.nextInt(4) == 0;
        try (FileJournal<KeptSetting> journal = FileJournal.settings(directory)) {
          assertInOrder(journal.recovered(), acknowledged, what);
          if (rewrites) {
            journal.rewrite(underWay);
          } else {
            journal.append(underWay);
          }
        }
        byte[] after = Files.readAllBytes(file());
        if (rewrites) {
          // The rename has come through or not; what lies beside the file is of no account.
          boolean renamed = random.nextBoolean();
          Files.write(file(), renamed ? after : before);
          Files.write(
              file().resolveSibling("settings.log.new"),
              Arrays.copyOf(after, random.nextInt(after.length)));
          acknowledged = renamed ? underWay : acknowledged;
        } else {
          Files.write(file(), torn(before, after, random));
        }
        List<KeptSetting> recovered = reopened();
        assertInOrder(recovered, acknowledged, what);
        assertThat(settings(0, next)).as(what).containsAll(recovered);
        List<KeptSetting> settled = settings(next, 2);
        next += settled.size();
        try (FileJournal<KeptSetting> journal = FileJournal.settings(directory)) {
          journal.append(settled);
        }
        acknowledged = new ArrayList<>(acknowledged);
        acknowledged.addAll(settled);
      }
    }
  }

  private static void assertInOrder(
      List<KeptSetting> recovered, List<KeptSetting> acknowledged, String what) {
    if (!acknowledged.isEmpty()) {
      assertThat(recovered).as(what).containsSubsequence(acknowledged);
    }
  }

  /** Sector by sector what was there or what was being written; zeroes where nothing was. */
  private static byte[] torn(byte[] before, byte[] after, SplittableRandom random) {
    int length = before.length + random.nextInt(after.length - before.length + 1);
    byte[] image = Arrays.copyOf(before, length);
    for (int at = 0; at < length; at += SECTOR) {
      if (random.nextBoolean()) {
        int end = Math.min(length, at + SECTOR);
        System.arraycopy(after, at, image, at, end - at);
      }
    }
    return image;
  }
}
