package io.kveik.client.data.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.GatheringByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every frame comes out as it went in, and what is no frame is refused as such. */
final class FrameTest {
  private static final int MUTATIONS = 20_000;

  private final SplittableRandom random = new SplittableRandom(seed());

  private static long seed() {
    long seed = Long.getLong("kveik.seed", System.nanoTime());
    System.out.println("FrameTest: -Dkveik.seed=" + seed);
    return seed;
  }

  @Test
  void headerIsLaidOutAsDocumented() {
    ByteBuffer out = ByteBuffer.allocate(DataFrameDescriptor.HEADER_BYTES);
    DataFrameDescriptor.encode(new FrameHeader(FrameType.STORE, 7, 100, 2_000, 0x11, 0x22), out);
    CRC32C crc = new CRC32C();
    crc.update(out.array(), 0, 28);
    assertThat(out.array())
        .isEqualTo(
            ByteBuffer.allocate(32)
                .putInt(100)
                .putInt(2_000)
                .putLong(7)
                .put((byte) 5)
                .put(new byte[3])
                .putInt(0x22)
                .putInt(0x11)
                .putInt((int) crc.getValue())
                .array());
  }

  @Test
  void bodiesRoundTrip() throws Exception {
    Hello hello = new Hello(bytes(DataFrameDescriptor.TICKET_BYTES), 1L << 40);
    Hello hello2 = Hello.decode(encoded(Hello.BODY_BYTES, hello::encode));
    assertThat(hello2.ticket()).isEqualTo(hello.ticket());
    assertThat(hello2.creditBytes()).isEqualTo(hello.creditBytes());

    Welcome welcome = new Welcome(64 << 20, 65_536, 64);
    assertThat(Welcome.decode(encoded(Welcome.BODY_BYTES, welcome::encode))).isEqualTo(welcome);

    Credit credit = new Credit(Long.MAX_VALUE);
    assertThat(Credit.decode(encoded(Credit.BODY_BYTES, credit::encode))).isEqualTo(credit);

    BlockBody block = new BlockBody(3, BlockStatus.FOUND, 1_000, 128, bytes(40));
    BlockBody block2 = BlockBody.decode(encoded(block.encodedBytes(), block::encode));
    assertThat(block2).usingRecursiveComparison().isEqualTo(block);

    StoreBody store =
        new StoreBody(bytes(32), bytes(16), 128, (byte) 3, (byte) 2, (byte) 1, 99, bytes(9));
    assertThat(StoreBody.decode(encoded(store.encodedBytes(), store::encode)))
        .usingRecursiveComparison()
        .isEqualTo(store);

    StoredBody stored = new StoredBody(StoredStatus.BUSY, (byte) 0, "dram.bytes: voll, für jetzt");
    assertThat(StoredBody.decode(encoded(StoredBody.MAX_BYTES, stored::encode))).isEqualTo(stored);

    MatchBody match = new MatchBody(4_000_000_000L, bytes(70));
    assertThat(MatchBody.decode(encoded(match.encodedBytes(), match::encode)))
        .usingRecursiveComparison()
        .isEqualTo(match);
    assertThat(match.encodedBytes()).isLessThanOrEqualTo(MatchBody.maxBytes(1));

    for (MatchedBody matched :
        List.of(
            MatchedBody.matched(bytes(9)),
            MatchedBody.without(MatchedStatus.BUSY, "data.request-bytes: voll"))) {
      assertThat(MatchedBody.decode(encoded(matched.encodedBytes(), matched::encode)))
          .usingRecursiveComparison()
          .isEqualTo(matched);
    }

    ErrorBody error = new ErrorBody(ErrorCode.TOO_MANY, "data.requests: limit 64");
    assertThat(ErrorBody.decode(encoded(ErrorBody.MAX_BYTES, error::encode))).isEqualTo(error);
  }

  @Test
  void loadRoundTrips() throws Exception {
    List<BlockRange> ranges =
        List.of(
            new BlockRange(bytes(16), 0, 0, 1_000),
            new BlockRange(bytes(64), 5, 7, Integer.MAX_VALUE),
            new BlockRange(bytes(33), Integer.MAX_VALUE, 1, 0));
    byte[] encoded = encoded(1_000, out -> LoadBody.encode(250, 77, ranges, out));
    LoadBody load = LoadBody.decode(encoded, 3);
    assertThat(load.deadlineMillis()).isEqualTo(250);
    assertThat(load.creditBytes()).isEqualTo(77);
    assertThat(load.count()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      assertThat(load.position()).isEqualTo(i);
      assertThat(load.hasNext()).isTrue();
      assertThat(load.next()).usingRecursiveComparison().isEqualTo(ranges.get(i));
    }
    assertThat(load.hasNext()).isFalse();
    assertThatThrownBy(() -> LoadBody.decode(encoded, 2))
        .isInstanceOf(FrameException.class)
        .hasMessage("LOAD: 3 blocks, must be 1 to 2");
  }

  @Test
  void longTextIsCut() throws Exception {
    ErrorBody error = new ErrorBody(ErrorCode.INTERNAL, "x".repeat(5_000));
    assertThat(ErrorBody.decode(encoded(ErrorBody.MAX_BYTES, error::encode)).text())
        .hasSize(DataFrameDescriptor.MAX_TEXT_BYTES);
  }

  @Test
  void framesPassThroughAChannelThatTakesAndGivesLittle() throws Exception {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    FrameWriter writer = new FrameWriter(new Trickle(wire));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(100_000);
      MemorySegment.copy(bytes(100_000), 0, payload, ValueLayout.JAVA_BYTE, 0, 100_000);
      BlockBody block = new BlockBody(1, BlockStatus.FOUND, 100_000, 128, bytes(5));
      block.encode(writer.body(block.encodedBytes()));
      writer.send(FrameType.BLOCK, 9, payload, 0x1234);
      writer.bare(FrameType.PING, 10);

      FrameReader reader =
          new FrameReader(Channels.newChannel(new ByteArrayInputStream(wire.toByteArray())));
      assertThat(reader.awaitFrame()).isTrue();
      FrameHeader header = reader.readHeader();
      assertThat(header.type()).isEqualTo(FrameType.BLOCK);
      assertThat(header.requestId()).isEqualTo(9);
      assertThat(header.payloadCrc32c()).isEqualTo(0x1234);
      assertThat(BlockBody.decode(reader.readBody(header, 1_000)).index()).isEqualTo(1);
      MemorySegment arrived = arena.allocate(header.payloadBytes());
      reader.readPayload(arrived);
      assertThat(arrived.mismatch(payload)).isEqualTo(-1);
      assertThat(reader.awaitFrame()).isTrue();
      assertThat(reader.readHeader().type()).isEqualTo(FrameType.PING);
      assertThat(reader.awaitFrame()).isFalse();
    }
  }

  @Test
  void everyFlippedBitOfAHeaderIsNoticed() {
    ByteBuffer out = ByteBuffer.allocate(DataFrameDescriptor.HEADER_BYTES);
    DataFrameDescriptor.encode(new FrameHeader(FrameType.LOAD, 1, 2, 0, 3, 0), out);
    for (int bit = 0; bit < 8 * DataFrameDescriptor.HEADER_BYTES; bit++) {
      byte[] damaged = out.array().clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> DataFrameDescriptor.decode(ByteBuffer.wrap(damaged)))
          .isInstanceOf(FrameException.class);
    }
  }

  @Test
  void aDamagedBodyIsNoticed() throws Exception {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    FrameWriter writer = new FrameWriter(new Trickle(wire));
    new Credit(5).encode(writer.body(Credit.BODY_BYTES));
    writer.send(FrameType.CREDIT, 0);
    byte[] damaged = wire.toByteArray();
    damaged[damaged.length - 1] ^= 1;
    FrameReader reader = new FrameReader(Channels.newChannel(new ByteArrayInputStream(damaged)));
    FrameHeader header = reader.readHeader();
    assertThatThrownBy(() -> reader.readBody(header, 8))
        .isInstanceOf(FrameException.class)
        .hasMessageContaining("checksum");
  }

  @Test
  void aTruncatedFrameEndsTheConnection() throws Exception {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    FrameWriter writer = new FrameWriter(new Trickle(wire));
    new Credit(5).encode(writer.body(Credit.BODY_BYTES));
    writer.send(FrameType.CREDIT, 0);
    for (int length = 1; length < wire.size(); length++) {
      byte[] part = Arrays.copyOf(wire.toByteArray(), length);
      FrameReader reader = new FrameReader(Channels.newChannel(new ByteArrayInputStream(part)));
      assertThatThrownBy(() -> reader.readBody(reader.readHeader(), 8))
          .isInstanceOf(EOFException.class);
    }
  }

  /** With the checksums made good again, so that the fields themselves are put to the test. */
  @ParameterizedTest
  @EnumSource(FrameType.class)
  void mutatedBodiesAreReadOrRefused(FrameType type) throws Exception {
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] body = mutated(sample(type));
      try {
        decode(type, body);
      } catch (FrameException e) {
        refused++;
        assertThat(e.getMessage()).isNotBlank();
      }
    }
    if (type == FrameType.LOAD || type == FrameType.HELLO) {
      assertThat(refused).isPositive();
    }
  }

  @Test
  void lengthsAboveTwoGigabytesAreRefusedBeforeAnythingIsAllocated() {
    for (int[] lengths : new int[][] {{-1, 0}, {0, -1}, {Integer.MIN_VALUE, 1}}) {
      ByteBuffer out = ByteBuffer.allocate(DataFrameDescriptor.HEADER_BYTES);
      DataFrameDescriptor.encode(
          new FrameHeader(FrameType.STORE, 1, lengths[0], lengths[1], 0, 0), out);
      assertThatThrownBy(() -> DataFrameDescriptor.decode(out.flip()))
          .isInstanceOfSatisfying(
              FrameException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
    }
  }

  private byte[] sample(FrameType type) {
    return switch (type) {
      case HELLO -> encoded(Hello.BODY_BYTES, new Hello(bytes(32), 1)::encode);
      case WELCOME -> encoded(Welcome.BODY_BYTES, new Welcome(1, 2, 3)::encode);
      case LOAD -> {
        List<BlockRange> ranges = new ArrayList<>();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
          ranges.add(new BlockRange(bytes(random.nextInt(16, 65)), 0, 0, 100));
        }
        yield encoded(1_000, out -> LoadBody.encode(1, 2, ranges, out));
      }
      case BLOCK -> encoded(100, new BlockBody(1, BlockStatus.FOUND, 10, 20, bytes(30))::encode);
      case STORE ->
          encoded(
              200,
              new StoreBody(bytes(20), bytes(30), 1, (byte) 0, (byte) 0, (byte) 0, 5, bytes(7))
                  ::encode);
      case STORED -> encoded(100, new StoredBody(StoredStatus.BUSY, (byte) 0, "no")::encode);
      case CREDIT -> encoded(Credit.BODY_BYTES, new Credit(9)::encode);
      case ERROR -> encoded(100, new ErrorBody(ErrorCode.TICKET, "old")::encode);
      case LEND -> encoded(200, new LendBody(List.of(bytes(16), bytes(64)))::encode);
      case LENT ->
          encoded(
              200,
              new LentBody(1, BlockStatus.FOUND, 2, 3, 4, 5_000, 6, 7, 8, 9, 10, 11, "/dev/shm/x/y")
                  ::encode);
      case RELEASE -> encoded(200, new ReleaseBody(List.of(1L, 2L))::encode);
      case MATCH -> encoded(100, new MatchBody(1, bytes(40))::encode);
      case MATCHED -> encoded(100, MatchedBody.matched(bytes(40))::encode);
      case CANCEL, PING, PONG, GOAWAY -> new byte[0];
    };
  }

  private static void decode(FrameType type, byte[] body) throws FrameException {
    switch (type) {
      case HELLO -> Hello.decode(body);
      case WELCOME -> Welcome.decode(body);
      case LOAD -> {
        LoadBody load = LoadBody.decode(body, 10);
        while (load.hasNext()) {
          load.next();
        }
      }
      case BLOCK -> BlockBody.decode(body);
      case STORE -> StoreBody.decode(body);
      case STORED -> StoredBody.decode(body);
      case CREDIT -> Credit.decode(body);
      case ERROR -> ErrorBody.decode(body);
      case LEND -> LendBody.decode(body);
      case LENT -> LentBody.decode(body);
      case RELEASE -> ReleaseBody.decode(body);
      case MATCH -> MatchBody.decode(body);
      case MATCHED -> MatchedBody.decode(body);
      case CANCEL, PING, PONG, GOAWAY -> {}
    }
  }

  private byte[] mutated(byte[] body) {
    byte[] mutant = Arrays.copyOf(body, Math.max(0, body.length + random.nextInt(-3, 4)));
    for (int flips = random.nextInt(4); flips > 0 && mutant.length > 0; flips--) {
      mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
    }
    return mutant;
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private interface Encoder {
    void encode(ByteBuffer out);
  }

  private static byte[] encoded(int room, Encoder encoder) {
    ByteBuffer out = ByteBuffer.allocate(room);
    encoder.encode(out);
    return Arrays.copyOf(out.array(), out.position());
  }

  /** Takes at most 1,000 bytes a write, as a socket may. */
  private record Trickle(ByteArrayOutputStream wire) implements GatheringByteChannel {
    private static final int STEP = 1_000;

    @Override
    public int write(ByteBuffer source) {
      byte[] step = new byte[Math.min(STEP, source.remaining())];
      source.get(step);
      wire.write(step, 0, step.length);
      return step.length;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
      for (int i = offset; i < offset + length; i++) {
        if (sources[i].hasRemaining()) {
          return write(sources[i]);
        }
      }
      return 0;
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
      return write(sources, 0, sources.length);
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {
      wire.write("".getBytes(StandardCharsets.UTF_8), 0, 0);
    }
  }
}
