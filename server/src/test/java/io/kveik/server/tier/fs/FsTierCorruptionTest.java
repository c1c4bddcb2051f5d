package io.kveik.server.tier.fs;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.key;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockHeaderDescriptor;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Files harmed behind the tier's back: all told, none served, all put in quarantine. */
@ParameterizedClass
@EnumSource
class FsTierCorruptionTest {
  private static final int QUARANTINE_LIMIT = 5;

  @Parameter CodecKind codec = CodecKind.NONE;

  @TempDir Path directory;

  private final Slab buffers = Slab.anonymous(8 << 20);
  private final SplittableRandom random =
      new SplittableRandom(TestBlocks.seed(getClass().getSimpleName()));
  private FsTier tier;

  @BeforeEach
  void open() throws IOException {
    tier =
        FsTier.open(
            directory,
            FsTierOptions.of(1L << 30, 1)
                .withFsync(false)
                .withQuarantineLimit(QUARANTINE_LIMIT)
                .withCodec(CodecOptions.of(codec)));
  }

  @AfterEach
  void close() {
    tier.close();
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  @Test
  void flippedBits() throws IOException {
    for (int i = 0; i < 400; i++) {
      byte[] bytes = Files.readAllBytes(stored(i));
      // Half of them in the header, which is a small part of the file.
      int reach = random.nextBoolean() ? headLength(bytes) : bytes.length;
      int bit = random.nextInt(8 * reach);
      bytes[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(file(i), bytes);
      assertCaught(i);
    }
    assertQuarantined(400);
  }

  @Test
  void truncations() throws IOException {
    for (int i = 0; i < 200; i++) {
      byte[] bytes = Files.readAllBytes(stored(i));
      Files.write(file(i), Arrays.copyOf(bytes, i == 0 ? 0 : random.nextInt(bytes.length)));
      assertCaught(i);
    }
    assertQuarantined(200);
  }

  @Test
  void appendedBytes() throws IOException {
    for (int i = 0; i < 100; i++) {
      byte[] tail = new byte[1 + random.nextInt(10_000)];
      random.nextBytes(tail);
      Files.write(stored(i), tail, StandardOpenOption.APPEND);
      assertCaught(i);
    }
    assertQuarantined(100);
  }

  @Test
  void zeroedRanges() throws IOException {
    for (int i = 0; i < 100; i++) {
      byte[] bytes = Files.readAllBytes(stored(i));
      int from = random.nextInt(bytes.length);
      Arrays.fill(bytes, from, Math.min(bytes.length, from + 512), (byte) 0);
      // What was zero already, as one byte can be, is no harm.
      bytes[from] ^= 0x55;
      Files.write(file(i), bytes);
      assertCaught(i);
    }
    assertQuarantined(100);
  }

  @Test
  void swappedFiles() throws IOException {
    for (int i = 0; i < 200; i += 2) {
      Path one = stored(i);
      Path other = stored(i + 1);
      Path aside = directory.resolve("aside");
      Files.move(one, aside);
      Files.move(other, one);
      Files.move(aside, other);
      assertCaught(i);
      assertCaught(i + 1);
    }
    assertQuarantined(200);
  }

  @Test
  void bodiesSwappedUnderTheirHeaders() throws IOException {
    for (int i = 0; i < 50; i++) {
      Path file = stored(i);
      byte[] bytes = Files.readAllBytes(file);
      byte[] body = TestBlocks.body(i, 2, bytes.length - headLength(bytes));
      System.arraycopy(body, 0, bytes, headLength(bytes), body.length);
      Files.write(file, bytes);
      assertCaught(i);
    }
    assertQuarantined(50);
  }

  @Test
  void headersThatFailAreAbsentToFindAndScanAndMakeWayForAPut() throws IOException {
    for (int i = 0; i < 30; i++) {
      byte[] bytes = Files.readAllBytes(stored(i));
      bytes[random.nextInt(headLength(bytes))] ^= 0x10;
      Files.write(file(i), bytes);
    }
    stored(100);
    for (int i = 0; i < 10; i++) {
      assertThat(tier.find(ref(i))).isEqualTo(new FindOutcome.Absent());
    }
    for (int i = 10; i < 20; i++) {
      assertThat(put(tier, buffers::allocate, i, 2, 10, 0)).isEqualTo(new PutOutcome.Stored());
      assertHit(tier.get(ref(i), buffers::allocate), i, 2);
    }
    List<BlockHeader> scanned = new ArrayList<>();
    assertThat(tier.scan(scanned::add)).isTrue();
    assertThat(scanned).hasSize(11);
    assertQuarantined(30);
  }

  @Test
  void aHeaderThatStatesTooMuchAllocatesNothing() throws IOException {
    Path file = stored(1);
    byte[] bytes = Files.readAllBytes(file);
    BlockHeader lie =
        new BlockHeader(
            key(1),
            TestBlocks.header(1, 1, 0, 0).namespace(),
            1,
            0,
            0,
            128,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            0,
            0,
            0,
            0,
            0);
    BlockHeaderDescriptor.encode(lie).get(bytes, 0, FsBlockDescriptor.PLAIN_HEAD_LENGTH);
    Files.write(file, bytes);
    GetOutcome outcome =
        tier.get(
            ref(1),
            asked -> {
              throw new AssertionError("asked for " + asked);
            });
    assertThat(outcome).isInstanceOf(GetOutcome.Corrupt.class);
  }

  @Test
  void quarantineKeepsTheNewestAcrossRestarts() throws IOException {
    for (int i = 0; i < 12; i++) {
      Files.write(stored(i), new byte[] {1}, StandardOpenOption.APPEND);
      assertCaught(i);
      if (i % 4 == 3) {
        tier.close();
        open();
      }
    }
    try (Stream<Path> kept = Files.list(directory.resolve("quarantine"))) {
      assertThat(kept.map(Path::getFileName).map(Path::toString).sorted())
          .hasSize(QUARANTINE_LIMIT)
          .last()
          .asString()
          .isEqualTo("000000000000000b-" + key(11).toHex() + ".kvb");
    }
  }

  @Test
  void foreignFilesAreLeftAlone() throws IOException {
    Path file = stored(1);
    Files.writeString(file.resolveSibling("notes.txt"), "mine");
    Files.writeString(
        file.resolveSibling(key(2).toHex().toUpperCase(Locale.ROOT) + ".kvb"), "mine");
    Files.copy(
        file,
        directory.resolve("blocks").resolve(file.getFileName()),
        StandardCopyOption.COPY_ATTRIBUTES);
    long bytes = tier.usage().bytes();
    List<BlockHeader> scanned = new ArrayList<>();
    assertThat(tier.scan(scanned::add)).isTrue();
    assertThat(scanned).hasSize(1);
    assertThat(tier.usage().bytes()).isEqualTo(bytes);
    assertThat(file.resolveSibling("notes.txt")).exists();
    assertQuarantined(0);
  }

  @Test
  void aScanMendsTheAccountOfFilesThatVanished() throws IOException {
    Files.delete(stored(1));
    stored(2);
    assertThat(tier.get(ref(1), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
    assertThat(tier.scan(header -> {})).isTrue();
    assertThat(tier.usage().blocks()).isEqualTo(1);
  }

  private Path stored(int number) {
    put(tier, buffers::allocate, number, 1, 1 + random.nextInt(20_000), random.nextInt(100));
    return file(number);
  }

  private static int headLength(byte[] file) {
    return FsBlockDescriptor.headLength(ByteBuffer.wrap(file));
  }

  private Path file(int number) {
    return new FsLayout(directory).file(key(number));
  }

  private void assertCaught(int number) {
    assertThat(tier.get(ref(number), buffers::allocate)).isInstanceOf(GetOutcome.Corrupt.class);
    assertThat(tier.get(ref(number), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
    assertThat(file(number)).doesNotExist();
  }

  /** And that nothing is left on the account but what is in the block directories. */
  private void assertQuarantined(int files) throws IOException {
    assertThat(tier.quarantinedTotal()).isEqualTo(files);
    try (Stream<Path> kept = Files.list(directory.resolve("quarantine"))) {
      assertThat(kept.count()).isEqualTo(Math.min(files, QUARANTINE_LIMIT));
    }
    DiskTruth.assertAccountExact(directory, tier);
  }
}
