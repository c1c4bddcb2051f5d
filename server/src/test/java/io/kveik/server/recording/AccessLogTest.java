package io.kveik.server.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.tier.TestBlocks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The format: what is encoded is read again, and what is damaged is told from what is torn. */
class AccessLogTest {
  private static final KeyedHash.Key KEY = new KeyedHash.Key(5, 6);
  private static final List<TurnEnd> ENDS = List.of(TurnEnd.values());
  private static final int FRAME_BYTES = 2_048;
  private static final long START = 1_700_000_000_000L;

  @TempDir Path directory;

  private final long seed = TestBlocks.seed("AccessLogTest");
  private final SplittableRandom random = new SplittableRandom(seed);
  private final List<long[]> requests = Recordings.random(random, 300);
  private final List<RecordedEvent> expected = new ArrayList<>();
  private final List<Integer> frameEnds = new ArrayList<>();

  /** A file of all requests, some followed by ends; times, namespaces and shapes mixed. */
  private byte[] encoded() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(AccessLogDescriptor.encode(new AccessLogHeader(7, 8, START, 3)), out);
    frameEnds.add(out.size());
    AccessLogEncoder encoder = new AccessLogEncoder(FRAME_BYTES, KEY);
    encoder.begin(START);
    ChainHash hash = new ChainHash(KEY);
    for (long[] numbers : requests) {
      Fingerprint namespace = new Fingerprint(random.nextInt(3), 0, 0, 0);
      BlockShape shape = new BlockShape(16, random.nextInt(3) * 100_000);
      long millis = START + random.nextLong(-1_000_000, 1_000_000);
      long[] blocks = hash.ofChain(namespace, Recordings.chain(numbers), numbers.length);
      if (!encoder.add(millis, namespace, shape, blocks)) {
        write(encoder.seal(), out);
        frameEnds.add(out.size());
        encoder.clearFrame();
        assertThat(encoder.add(millis, namespace, shape, blocks)).isTrue();
      }
      expected.add(
          new RecordedRequest(
              millis, hash.ofNamespace(namespace), shape.tokens(), shape.bytes(), blocks));
      TurnEnd end = ENDS.get(random.nextInt(ENDS.size()));
      long[] ended = Arrays.copyOf(blocks, 1 + random.nextInt(blocks.length));
      // Where there is no room it waits for another frame, or here, for nothing.
      if (encoder.addTurnEnd(ended, end)) {
        expected.add(new RecordedTurnEnd(end, ended));
      }
    }
    write(encoder.seal(), out);
    frameEnds.add(out.size());
    return out.toByteArray();
  }

  private static void write(ByteBuffer bytes, ByteArrayOutputStream out) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    out.writeBytes(copy);
  }

  private List<RecordedEvent> read(byte[] bytes) throws IOException {
    return Recordings.read(Files.write(directory.resolve("log.kva"), bytes));
  }

  @Test
  void whatIsReadIsWhatWasWritten() throws IOException {
    List<RecordedEvent> read = read(encoded());
    assertThat(read)
        .as("seed %d", seed)
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactlyElementsOf(expected);
    assertThat(frameEnds).as("several frames").hasSizeGreaterThan(4);
  }

  @Test
  void ofAnEndOnlyWhatTheFileHasOfItsChainIsKept() throws IOException {
    AccessLogEncoder encoder = new AccessLogEncoder(FRAME_BYTES, KEY);
    encoder.begin(START);
    long[] blocks = {11, 12, 13, 14};
    assertThat(encoder.addTurnEnd(blocks, TurnEnd.TOOL_USE)).isTrue();
    assertThat(encoder.isEmpty()).isTrue();
    encoder.add(START, Recordings.NAMESPACE, BlockShape.UNKNOWN, Arrays.copyOf(blocks, 2));
    assertThat(encoder.addTurnEnd(blocks, TurnEnd.TOOL_USE)).isTrue();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(AccessLogDescriptor.encode(new AccessLogHeader(7, 8, START, 3)), out);
    write(encoder.seal(), out);
    assertThat(read(out.toByteArray()).getLast())
        .usingRecursiveComparison()
        .isEqualTo(new RecordedTurnEnd(TurnEnd.TOOL_USE, new long[] {11, 12}));
  }

  @Test
  void filesOfTheVersionBeforeAreRead() throws IOException {
    byte[] file = encoded();
    ByteBuffer header = ByteBuffer.wrap(file);
    header.putShort(4, (short) 1);
    header.putInt(36, AccessLogDescriptor.crc(ByteBuffer.wrap(file, 0, 36)));
    assertThat(read(file)).hasSameSizeAs(expected);
    header.putShort(4, (short) (AccessLogDescriptor.VERSION + 1));
    header.putInt(36, AccessLogDescriptor.crc(ByteBuffer.wrap(file, 0, 36)));
    assertThatThrownBy(() -> read(file)).hasMessageContaining("no header of a recording");
  }

  @Test
  void repeatsCostAFewBytes() throws IOException {
    AccessLogEncoder encoder = new AccessLogEncoder(1 << 20, KEY);
    encoder.begin(START);
    long[] blocks =
        new ChainHash(KEY)
            .ofChain(
                Recordings.NAMESPACE,
                Recordings.chain(new SplittableRandom(1).longs(1_000).toArray()),
                1_000);
    encoder.add(START, Recordings.NAMESPACE, BlockShape.UNKNOWN, blocks);
    int once = encoder.seal().limit();
    encoder.begin(START);
    for (int i = 0; i < 101; i++) {
      encoder.add(START + i, Recordings.NAMESPACE, BlockShape.UNKNOWN, blocks);
    }
    assertThat(encoder.seal().limit() - once).isLessThanOrEqualTo(100 * 8);
  }

  @Test
  void cutOffAnywhereItReadsUpToTheLastWholeFrame() throws IOException {
    byte[] whole = encoded();
    for (int length = 0; length < whole.length; length += 1 + random.nextInt(40)) {
      List<RecordedEvent> read = read(Arrays.copyOf(whole, length));
      assertThat(read)
          .as("seed %d, %d bytes", seed, length)
          .usingRecursiveFieldByFieldElementComparator()
          .isEqualTo(expected.subList(0, read.size()));
      if (frameEnds.contains(length)) {
        assertThat(read.isEmpty()).isEqualTo(length <= frameEnds.getFirst());
      }
    }
  }

  @Test
  void damageIsAnErrorThatSaysWhere() {
    byte[] whole = encoded();
    int lastFrame = frameEnds.get(frameEnds.size() - 2);
    for (int i = 0; i < 200; i++) {
      int at = random.nextInt(lastFrame);
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      // A length that points beyond the end looks like a torn tail; nothing wrong is read then.
      try {
        List<RecordedEvent> read = read(damaged);
        assertThat(read)
            .as("seed %d, byte %d", seed, at)
            .usingRecursiveFieldByFieldElementComparator()
            .isEqualTo(expected.subList(0, read.size()));
        assertThat(frameEnds.stream().anyMatch(end -> at >= end && at < end + Integer.BYTES))
            .as("seed %d, byte %d is of a length", seed, at)
            .isTrue();
      } catch (IOException e) {
        assertThat(e).isInstanceOf(AccessLogException.class).hasMessageContaining("log.kva: byte");
      }
    }
  }

  @Test
  void aFrameWithASoundChecksumIsNotTrustedEither() {
    for (String body :
        List.of("09", "03 00 00 00 00", "02 00 00 00", "01 00", "03 00 05 00 00", "04 01 00")) {
      byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(body);
      ByteBuffer frame = ByteBuffer.allocate(100).position(8).put(bytes);
      AccessLogDescriptor.seal(frame);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      write(AccessLogDescriptor.encode(new AccessLogHeader(7, 8, START, 3)), out);
      write(frame, out);
      assertThatThrownBy(() -> read(out.toByteArray()))
          .as(body)
          .isInstanceOf(AccessLogException.class)
          .hasMessageContaining("damaged");
    }
  }
}
