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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as earlier and later versions write them, and as this one does. */
class FsTierFormatsTest {
  /** Of bf16, and made shorter by every codec. */
  private static final int COMPRESSIBLE = 6;

  private static final int PAYLOAD = 9_000;
  private static final int ATTRIBUTES = 30;

  /** Where an encoded file has its version, the codec's number and the head's checksum. */
  private static final int VERSION_AT = 4;

  private static final int CODEC_AT = 169;
  private static final int CRC_AT = 184;

  @TempDir Path directory;

  private final Slab buffers = Slab.anonymous(8 << 20);

  @AfterEach
  void nothingIsLeased() {
    assertThat(buffers.liveLeases()).isZero();
    buffers.close();
  }

  private FsTier open(CodecKind codec) throws IOException {
    return FsTier.open(
        directory,
        FsTierOptions.of(1L << 30, 1).withFsync(false).withCodec(CodecOptions.of(codec)));
  }

  private Path file() {
    return new FsLayout(directory).file(key(COMPRESSIBLE));
  }

  /** A block's file as it was before there was a codec. */
  private static byte[] plainFile() {
    BlockHeader header = TestBlocks.header(COMPRESSIBLE, 1, PAYLOAD, ATTRIBUTES);
    return ByteBuffer.allocate(160 + PAYLOAD + ATTRIBUTES)
        .put(BlockHeaderDescriptor.encode(header))
        .put(TestBlocks.body(COMPRESSIBLE, 1, PAYLOAD + ATTRIBUTES))
        .array();
  }

  private void storeEncoded() throws IOException {
    try (FsTier tier = open(CodecKind.ZSTD)) {
      put(tier, buffers::allocate, COMPRESSIBLE, 1, PAYLOAD, ATTRIBUTES);
    }
  }

  @ParameterizedTest
  @EnumSource
  void filesOfTheVersionBeforeAreRead(CodecKind codec) throws IOException {
    Files.createDirectories(file().getParent());
    Files.write(file(), plainFile());
    try (FsTier tier = open(codec)) {
      assertHit(tier.get(ref(COMPRESSIBLE), buffers::allocate), COMPRESSIBLE, 1);
      assertThat(put(tier, buffers::allocate, COMPRESSIBLE, 2, PAYLOAD, ATTRIBUTES))
          .isEqualTo(new PutOutcome.AlreadyPresent());
      DiskTruth.assertAccountExact(directory, tier);
    }
  }

  @Test
  void withoutACodecFilesAreAsTheVersionBeforeWroteThem() throws IOException {
    try (FsTier tier = open(CodecKind.NONE)) {
      put(tier, buffers::allocate, COMPRESSIBLE, 1, PAYLOAD, ATTRIBUTES);
    }
    assertThat(file()).hasBinaryContent(plainFile());
  }

  @Test
  void whatDoesNotGetShorterIsStoredAsItIs() throws IOException {
    int noise = 1;
    try (FsTier tier = open(CodecKind.ZSTD)) {
      put(tier, buffers::allocate, noise, 1, PAYLOAD, ATTRIBUTES);
      put(tier, buffers::allocate, COMPRESSIBLE, 1, PAYLOAD, ATTRIBUTES);
    }
    assertThat(new FsLayout(directory).file(key(noise))).hasSize(160 + PAYLOAD + ATTRIBUTES);
    assertThat(Files.size(file())).isLessThan(188 + PAYLOAD * 9 / 10 + ATTRIBUTES);
  }

  /** Even where those files would be damaged for this version. */
  @ParameterizedTest
  @ValueSource(ints = {VERSION_AT + 3, CODEC_AT})
  void filesOfLaterVersionsAreAbsentAndLeftAlone(int changed) throws IOException {
    storeEncoded();
    byte[] later = Files.readAllBytes(file());
    later[changed] = 100;
    sealHead(later);
    Files.write(file(), later);
    try (FsTier tier = open(CodecKind.ZSTD)) {
      assertThat(tier.get(ref(COMPRESSIBLE), buffers::allocate)).isEqualTo(new GetOutcome.Absent());
      assertThat(tier.find(ref(COMPRESSIBLE))).isEqualTo(new FindOutcome.Absent());
      assertThat(tier.scan(header -> assertThat(header).isNull())).isTrue();
      assertThat(put(tier, buffers::allocate, COMPRESSIBLE, 2, PAYLOAD, ATTRIBUTES))
          .isEqualTo(new PutOutcome.AlreadyPresent());
      assertThat(tier.quarantinedTotal()).isZero();
      DiskTruth.assertAccountExact(directory, tier);
      assertThat(file()).hasBinaryContent(later);
      assertThat(tier.remove(ref(COMPRESSIBLE))).isTrue();
      assertThat(tier.usage().bytes()).isZero();
    }
  }

  @Test
  void anEncodingOfAnotherLengthThanTheHeadersIsDamage() throws IOException {
    storeEncoded();
    byte[] bytes = Files.readAllBytes(file());
    BlockHeader shorter = TestBlocks.header(COMPRESSIBLE, 1, PAYLOAD - 1, ATTRIBUTES);
    BlockHeaderDescriptor.encode(shorter).get(bytes, 8, 160);
    sealHead(bytes);
    Files.write(file(), bytes);
    try (FsTier tier = open(CodecKind.NONE)) {
      assertThat(tier.get(ref(COMPRESSIBLE), buffers::allocate))
          .isEqualTo(new GetOutcome.Corrupt("encodes 9000 bytes, header states 8999"));
      assertThat(tier.quarantinedTotal()).isEqualTo(1);
    }
  }

  private static void sealHead(byte[] file) {
    CRC32C crc = new CRC32C();
    crc.update(file, 0, CRC_AT);
    ByteBuffer.wrap(file).putInt(CRC_AT, (int) crc.getValue());
  }

  /** zstd's library is unpacked to where temporary files go. */
  @Test
  void aMachineWithoutTheCompressorsHasATierThatKeepsWhatItCanNotRead() throws Exception {
    storeEncoded();
    byte[] before = Files.readAllBytes(file());
    Process child =
        FsTierChild.start(
            directory, COMPRESSIBLE, "read", "-Djava.io.tmpdir=" + directory.resolve("none"));
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(said).contains("READ Failed[reason=get: no decompressor");
    assertThat(file()).hasBinaryContent(before);
    try (FsTier tier = open(CodecKind.NONE)) {
      assertHit(tier.get(ref(COMPRESSIBLE), buffers::allocate), COMPRESSIBLE, 1);
    }
  }
}
