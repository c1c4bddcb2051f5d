package io.kveik.server.tier.nvme;

import static io.kveik.server.tier.TestBlocks.assertIntact;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Segments harmed behind the tier's back, while it is open and between starts: bits flipped, files
 * cut, pages copied over others, files exchanged. All that is served is whole, whatever happens.
 */
class NvmeTierCorruptionTest {
  private static final int HARMS = Integer.getInteger("kveik.harms", 10_000);
  private static final int BLOCKS = 12;
  private static final int HARMS_A_LIFE = 100;
  private static final int PAGE = 4096;

  @TempDir Path directory;

  private final SplittableRandom random =
      new SplittableRandom(TestBlocks.seed(getClass().getSimpleName()));
  private final Slab buffers = Slab.anonymous(4 << 20);
  private int variant;
  private int gone;
  private long quarantined;

  @ParameterizedTest
  @EnumSource(CodecKind.class)
  void harmIsToldAndNeverServed(CodecKind codec) throws IOException {
    for (int harms = 0; harms < HARMS; harms += HARMS_A_LIFE) {
      NvmeTier tier = open(codec);
      for (int i = 0; i < HARMS_A_LIFE; i++) {
        harm();
        readAll(tier);
      }
      assertThat(tier.scan(header -> {})).isTrue();
      quarantined += tier.status().quarantined();
      tier.close();
      if (random.nextBoolean()) {
        exchangeFiles();
      }
      harm();
    }
    System.out.printf(
        "nvme, %s: %d harms, %d blocks gone, %d of them quarantined, none served%n",
        codec.key(), HARMS, gone, quarantined);
    assertThat(gone).isGreaterThan(HARMS / 100);
    assertThat(quarantined).isPositive();
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  /** Through the page cache, where what is changed under the tier is seen at once. */
  private NvmeTier open(CodecKind codec) {
    NvmeOptions options =
        NvmeOptions.of(1 << 20)
            .withFsync(false)
            .withIo(IoMode.BUFFERED)
            .withOpenThreads(1)
            .withCodec(CodecOptions.of(codec));
    NvmeTier tier = NvmeTier.open(directory, options, Clock.system());
    assertThat(tier.status().down()).isEmpty();
    readAll(tier);
    return tier;
  }

  private void readAll(NvmeTier tier) {
    for (int number = 0; number < BLOCKS; number++) {
      switch (tier.get(ref(number), buffers::allocate)) {
        case GetOutcome.Hit(StoredBlock block) -> {
          try (block) {
            assertIntact(block, number);
          }
        }
        case GetOutcome.Absent(), GetOutcome.Corrupt(_) -> {
          gone++;
          PutOutcome stored =
              put(tier, buffers::allocate, number, ++variant, random.nextInt(12_000), 7);
          assertThat(stored).isInstanceOf(PutOutcome.Stored.class);
        }
        case GetOutcome other -> throw new AssertionError(other);
      }
    }
  }

  private void harm() throws IOException {
    List<Path> files = NvmeTruth.files(directory);
    Path file = files.get(random.nextInt(files.size()));
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long length = bytes.length();
      if (length == 0) {
        return;
      }
      switch (random.nextInt(20)) {
        case 0 -> bytes.setLength(random.nextLong(length));
        case 1, 2 -> {
          byte[] pages = new byte[PAGE * random.nextInt(1, 4)];
          bytes.seek(random.nextLong(length) / PAGE * PAGE);
          int read = bytes.read(pages);
          bytes.seek(random.nextLong(length) / PAGE * PAGE);
          bytes.write(pages, 0, Math.max(0, read));
        }
        default -> {
          long at = random.nextLong(length);
          bytes.seek(at);
          int was = bytes.read();
          bytes.seek(at);
          bytes.write(was ^ 1 << random.nextInt(8));
        }
      }
    }
  }

  private void exchangeFiles() throws IOException {
    List<Path> files = NvmeTruth.files(directory);
    Path one = files.get(random.nextInt(files.size()));
    Path other = files.get(random.nextInt(files.size()));
    Path aside = directory.resolve("aside");
    if (random.nextBoolean()) {
      Files.copy(one, aside);
    } else {
      Files.move(one, aside);
      if (!one.equals(other)) {
        Files.move(other, one);
      }
    }
    Files.move(aside, other, StandardCopyOption.REPLACE_EXISTING);
  }
}
