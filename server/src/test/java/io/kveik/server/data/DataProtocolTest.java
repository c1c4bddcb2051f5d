package io.kveik.server.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.frame.BlockStatus;
import io.kveik.client.data.frame.DataFrameDescriptor;
import io.kveik.client.data.frame.ErrorBody;
import io.kveik.client.data.frame.ErrorCode;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.Hello;
import io.kveik.client.data.frame.StoredBody;
import io.kveik.client.data.frame.StoredStatus;
import io.kveik.client.data.frame.Welcome;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The protocol frame by frame, and clients that break it or mean ill. */
@Timeout(60)
final class DataProtocolTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int BLOCK_BYTES = 500_000;
  private static final long PLENTY = 1L << 40;

  @TempDir Path directory;
  private final List<RawPeer> peers = new ArrayList<>();

  @AfterEach
  void hangUp() throws IOException {
    for (RawPeer peer : peers) {
      peer.close();
    }
  }

  private RawPeer peer(DataFixture fixture) throws IOException {
    RawPeer peer = fixture.peer();
    peers.add(peer);
    return peer;
  }

  private static byte[] id(long number) {
    return DataItems.id(number);
  }

  /** Blocks 0 to count - 1, of {@link #BLOCK_BYTES} each. */
  private static void fill(DataFixture fixture, int count) throws Exception {
    try (BlockTransport transport = fixture.unix()) {
      for (int i = 0; i < count; i++) {
        StoreItem item = StoreItem.of(id(i), new byte[0], 1, DataItems.payload(i, BLOCK_BYTES));
        // Busy while all of a small DRAM waits to be written behind.
        await().until(() -> transport.store(List.of(item), LIMIT).getFirst().inStore());
      }
    }
  }

  /** A good client is served as ever. */
  private static void assertServes(DataFixture fixture) throws Exception {
    try (BlockTransport transport = fixture.tcp();
        Arena arena = Arena.ofConfined()) {
      StoreItem item = StoreItem.of(id(-1), new byte[0], 1, DataItems.payload(-1, 1_000));
      assertThat(transport.store(List.of(item), LIMIT).getFirst().inStore()).isTrue();
      LoadItem load = LoadItem.whole(id(-1), arena.allocate(1_000));
      assertThat(transport.load(List.of(load), LIMIT).getFirst().found()).isTrue();
    }
  }

  @Test
  void helloIsAnsweredWithTheLimits() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      assertThat(peer(fixture).greet(fixture.ticket(), 0))
          .isEqualTo(
              new Welcome(
                  DataFixture.MAX_BLOCK_BYTES, DataFixture.MAX_BLOCKS, DataFixture.MAX_REQUESTS));
    }
  }

  @Test
  void wrongTicketVersionAndOrderAreRefused() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      RawPeer stranger = peer(fixture);
      stranger.hello(new byte[32], 0);
      assertThat(stranger.error().code()).isEqualTo(ErrorCode.TICKET);
      assertThat(stranger.closedByServer()).isTrue();

      RawPeer fromTheFuture = peer(fixture);
      fromTheFuture.send(helloOfVersion(2, fixture.ticket()));
      assertThat(fromTheFuture.error())
          .isEqualTo(new ErrorBody(ErrorCode.VERSION, "HELLO: version 2, this side speaks 1"));

      RawPeer hasty = peer(fixture);
      hasty.bare(FrameType.PING, 0);
      assertThat(hasty.error().code()).isEqualTo(ErrorCode.PROTOCOL);
      assertServes(fixture);
      assertThat(fixture.server().status().protocolErrors()).isEqualTo(3);
    }
  }

  private static byte[] helloOfVersion(int version, byte[] ticket) {
    ByteBuffer frame = ByteBuffer.allocate(DataFrameDescriptor.HEADER_BYTES + Hello.BODY_BYTES);
    frame.position(DataFrameDescriptor.HEADER_BYTES);
    new Hello(ticket, 0).encode(frame);
    frame.putShort(DataFrameDescriptor.HEADER_BYTES + 4, (short) version);
    CRC32C crc = new CRC32C();
    crc.update(frame.array(), DataFrameDescriptor.HEADER_BYTES, Hello.BODY_BYTES);
    DataFrameDescriptor.encode(
        new FrameHeader(FrameType.HELLO, 0, Hello.BODY_BYTES, 0, (int) crc.getValue(), 0),
        frame.position(0));
    return frame.array();
  }

  @Test
  void anExpiredTicketIsRefused() throws Exception {
    try (DataFixture fixture = DataFixture.withTicketsOf(directory, 1)) {
      byte[] ticket = fixture.ticket();
      // Good for 1 ms: at some time it is not.
      await()
          .until(() -> {
            RawPeer peer = peer(fixture);
            peer.hello(ticket, 0);
            return peer.header().type() == FrameType.ERROR;
          });
      assertThat(fixture.server().status().ticketsRefused()).isPositive();
    }
  }

  @Test
  void noCreditNoBytesAndNoLeases() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      fill(fixture, 3);
      RawPeer peer = peer(fixture);
      peer.greet(fixture.ticket(), 0);
      peer.load(1, 0, List.of(id(0), id(1), id(2)));
      // The server has read the LOAD when it answers the PING behind it.
      peer.bare(FrameType.PING, 77);
      FrameHeader pong = peer.header();
      assertThat(pong.type()).isEqualTo(FrameType.PONG);
      assertThat(pong.requestId()).isEqualTo(77);
      assertThat(fixture.server().status().leasedBytes()).isZero();
      assertThat(fixture.server().status().sentBytes()).isZero();

      peer.credit(BLOCK_BYTES + 1);
      assertThat(peer.block().payload()).isEqualTo(TestBlocks.body(0, 0, BLOCK_BYTES));
      peer.bare(FrameType.PING, 78);
      assertThat(peer.header().type()).isEqualTo(FrameType.PONG);
      assertThat(fixture.server().status().leasedBytes()).isZero();
      assertThat(fixture.server().status().creditStalls()).isPositive();

      peer.credit(BLOCK_BYTES - 1);
      assertThat(peer.block().body().index()).isEqualTo(1);
      peer.credit(BLOCK_BYTES);
      assertThat(peer.block().body().index()).isEqualTo(2);
      fixture.awaitQuiet();
    }
  }

  @Test
  void requestsArePipelinedAndAnsweredById() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      fill(fixture, 2);
      RawPeer peer = peer(fixture);
      peer.greet(fixture.ticket(), 0);
      peer.load(5, 0, List.of(id(0)));
      peer.store(6, id(100), new byte[] {1, 2, 3});
      // The STORE overtakes the LOAD, which waits for credit.
      FrameHeader stored = peer.header();
      assertThat(stored.type()).isEqualTo(FrameType.STORED);
      assertThat(stored.requestId()).isEqualTo(6);
      assertThat(StoredBody.decode(peer.body(stored)).status()).isEqualTo(StoredStatus.STORED);
      peer.load(9, PLENTY, List.of(id(100), id(1)));
      assertThat(peer.block().requestId()).isEqualTo(5);
      RawPeer.Block small = peer.block();
      assertThat(small.requestId()).isEqualTo(9);
      assertThat(small.payload()).containsExactly(1, 2, 3);
      assertThat(peer.block().body().index()).isEqualTo(1);
    }
  }

  @Test
  void aCancelledLoadIsAnsweredOnce() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      fill(fixture, 2);
      RawPeer peer = peer(fixture);
      peer.greet(fixture.ticket(), 0);
      peer.load(1, 0, List.of(id(0), id(1)));
      peer.bare(FrameType.CANCEL, 1);
      RawPeer.Block end = peer.block();
      assertThat(end.body().index()).isEqualTo(DataFrameDescriptor.ALL_BLOCKS);
      assertThat(end.body().status()).isEqualTo(BlockStatus.CANCELLED);
      peer.bare(FrameType.CANCEL, 1);
      peer.load(2, PLENTY, List.of(id(1)));
      assertThat(peer.block().requestId()).isEqualTo(2);
      fixture.awaitQuiet();
    }
  }

  @Test
  void lengthsAndCountsAboveTheLimitsEndTheConnection() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      RawPeer block = peer(fixture);
      block.greet(fixture.ticket(), 0);
      block.header(FrameType.STORE, 1, 48, DataFixture.MAX_BLOCK_BYTES + 1);
      assertThat(block.error())
          .isEqualTo(
              new ErrorBody(ErrorCode.TOO_LARGE, "STORE: payload of 4194305 bytes, limit 4194304"));
      assertThat(block.closedByServer()).isTrue();

      RawPeer body = peer(fixture);
      body.greet(fixture.ticket(), 0);
      body.header(FrameType.LOAD, 1, Integer.MAX_VALUE, 0);
      assertThat(body.error().code()).isEqualTo(ErrorCode.TOO_LARGE);

      RawPeer count = peer(fixture);
      count.greet(fixture.ticket(), 0);
      List<byte[]> ids = new ArrayList<>();
      for (int i = 0; i <= DataFixture.MAX_BLOCKS; i++) {
        ids.add(new byte[16]);
      }
      count.load(1, 0, ids);
      assertThat(count.error().text()).isEqualTo("LOAD: 101 blocks, must be 1 to 100");

      RawPeer requests = peer(fixture);
      requests.greet(fixture.ticket(), 0);
      for (int i = 1; i <= DataFixture.MAX_REQUESTS + 1; i++) {
        requests.load(i, 0, List.of(id(0)));
      }
      assertThat(requests.error())
          .isEqualTo(new ErrorBody(ErrorCode.TOO_MANY, "data.requests: limit 8 at a time"));

      RawPeer again = peer(fixture);
      again.greet(fixture.ticket(), 0);
      again.load(2, 0, List.of(id(0)));
      again.load(2, 0, List.of(id(0)));
      assertThat(again.error().text()).isEqualTo("request id: 2, must be above 2");
      assertServes(fixture);
      fixture.awaitQuiet();
    }
  }

  @Test
  void noiseEndsTheConnectionAndNothingElse() throws Exception {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("data port noise"));
    try (DataFixture fixture = DataFixture.start(directory)) {
      for (int i = 0; i < 100; i++) {
        RawPeer peer = peer(fixture);
        byte[] noise = new byte[random.nextInt(DataFrameDescriptor.HEADER_BYTES, 300)];
        random.nextBytes(noise);
        if (random.nextBoolean()) {
          peer.greet(fixture.ticket(), PLENTY);
        }
        peer.send(noise);
        assertThat(peer.closedByServer()).isTrue();
        peer.close();
      }
      assertServes(fixture);
      fixture.awaitQuiet();
    }
  }

  @Test
  void halfFramesAreCutOff() throws Exception {
    UnaryOperator<DataOptions.Limits> hasty = limits -> timeouts(limits, 300, 300);
    try (DataFixture fixture = DataFixture.start(directory, hasty)) {
      RawPeer silent = peer(fixture);
      RawPeer halfHello = peer(fixture);
      halfHello.send(new byte[10]);
      RawPeer halfHeader = peer(fixture);
      halfHeader.greet(fixture.ticket(), 0);
      halfHeader.send(new byte[10]);
      RawPeer halfPayload = peer(fixture);
      halfPayload.greet(fixture.ticket(), 0);
      halfPayload.storePart(1, id(1), BLOCK_BYTES, 1_000);
      for (RawPeer peer : List.of(silent, halfHello, halfHeader, halfPayload)) {
        assertThat(peer.closedByServer()).isTrue();
      }
      fixture.awaitQuiet();
      assertThat(fixture.server().status().timeouts()).isEqualTo(4);
      assertServes(fixture);
    }
  }

  private static DataOptions.Limits timeouts(
      DataOptions.Limits limits, long helloMillis, long frameMillis) {
    return new DataOptions.Limits(
        limits.connections(),
        limits.greetings(),
        limits.requests(),
        limits.coldBlocks(),
        limits.requestBytes(),
        limits.leasedBytes(),
        limits.receivingBytes(),
        helloMillis,
        limits.idleMillis(),
        frameMillis);
  }

  @Test
  void aSlowReaderHoldsOneBlockAndIsCutOff() throws Exception {
    UnaryOperator<DataOptions.Limits> hasty = limits -> timeouts(limits, 5_000, 500);
    try (DataFixture fixture = DataFixture.start(directory, hasty)) {
      fill(fixture, 40);
      RawPeer slow = peer(fixture);
      slow.greet(fixture.ticket(), PLENTY);
      List<byte[]> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        all.add(id(i));
      }
      slow.load(1, 0, all);
      await().until(() -> fixture.server().status().leasedBytes() > 0);
      assertThat(fixture.server().status().leasedBytes()).isLessThanOrEqualTo(BLOCK_BYTES);
      assertServes(fixture);
      await().until(() -> fixture.server().status().timeouts() == 1);
      fixture.awaitQuiet();
    }
  }

  @Test
  void aFloodOfConnectionsKeepsNobodyOut() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      for (int i = 0; i < 200; i++) {
        peer(fixture);
      }
      await().until(() -> fixture.server().status().greetingsEnded() >= 190);
      assertServes(fixture);
      assertThat(fixture.server().status().greetings()).isLessThanOrEqualTo(10);
    }
  }

  @Test
  void oneConnectionTooManyIsRefused() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      for (int i = 0; i < 20; i++) {
        peer(fixture).greet(fixture.ticket(), 0);
      }
      RawPeer oneMore = peer(fixture);
      oneMore.hello(fixture.ticket(), 0);
      assertThat(oneMore.error())
          .isEqualTo(new ErrorBody(ErrorCode.TOO_MANY, "data.connections: limit 20"));
      hangUp();
      await().until(() -> fixture.server().status().connections() == 0);
      assertServes(fixture);
    }
  }

  @Test
  void arrivingPayloadsAreBoundedTogether() throws Exception {
    UnaryOperator<DataOptions.Limits> tight =
        limits ->
            new DataOptions.Limits(
                20,
                10,
                8,
                4,
                limits.requestBytes(),
                limits.leasedBytes(),
                1_000_000,
                5_000,
                60_000,
                5_000);
    try (DataFixture fixture = DataFixture.start(directory, tight)) {
      RawPeer holder = peer(fixture);
      holder.greet(fixture.ticket(), 0);
      holder.storePart(1, id(1), 900_000, 10);
      await().until(() -> fixture.server().status().receivingBytes() == 900_000);
      RawPeer other = peer(fixture);
      other.greet(fixture.ticket(), 0);
      other.store(1, id(2), new byte[200_000]);
      StoredBody refused = StoredBody.decode(other.body(other.header()));
      assertThat(refused.status()).isEqualTo(StoredStatus.BUSY);
      assertThat(refused.detail())
          .isEqualTo("data.receiving-bytes: no room for 200000 bytes more now, limit 1000000");
      holder.close();
      fixture.awaitQuiet();
      other.store(2, id(2), new byte[200_000]);
      assertThat(StoredBody.decode(other.body(other.header())).status())
          .isEqualTo(StoredStatus.STORED);
    }
  }

  @Test
  void clientsThatDieLeaveNothing() throws Exception {
    try (DataFixture fixture = DataFixture.withFsTier(directory, 4 << 20)) {
      fill(fixture, 20);
      for (int round = 0; round < 10; round++) {
        RawPeer storing = peer(fixture);
        storing.greet(fixture.ticket(), 0);
        storing.storePart(1, id(1_000 + round), BLOCK_BYTES, 100_000);
        RawPeer loading = peer(fixture);
        loading.greet(fixture.ticket(), PLENTY);
        loading.load(1, 0, List.of(id(round), id(19), id(round + 1), id(18)));
        loading.header();
        storing.close();
        loading.close();
      }
      fixture.awaitQuiet();
      await().until(() -> fixture.server().status().connections() == 0);
      try (BlockTransport transport = fixture.tcp();
          Arena arena = Arena.ofConfined()) {
        LoadItem half = LoadItem.whole(id(1_000), arena.allocate(BLOCK_BYTES));
        assertThat(transport.load(List.of(half), LIMIT).getFirst().found()).isFalse();
      }
    }
  }

  @Test
  void shutdownAnswersWhatIsInProgress() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      fill(fixture, 1);
      RawPeer waiting = peer(fixture);
      waiting.greet(fixture.ticket(), 0);
      waiting.load(4, 0, List.of(id(0)));
      waiting.bare(FrameType.PING, 0);
      assertThat(waiting.header().type()).isEqualTo(FrameType.PONG);
      RawPeer idle = peer(fixture);
      idle.greet(fixture.ticket(), 0);

      Thread closing = Thread.ofPlatform().start(() -> fixture.server().close());
      FrameHeader goAway = waiting.header();
      assertThat(goAway.type()).isEqualTo(FrameType.GOAWAY);
      assertThat(goAway.requestId()).isEqualTo(4);
      assertThat(idle.closedByServer()).isTrue();
      waiting.credit(PLENTY);
      assertThat(waiting.block().payload()).isEqualTo(TestBlocks.body(0, 0, BLOCK_BYTES));
      assertThat(waiting.closedByServer()).isTrue();
      closing.join(TimeUnit.SECONDS.toMillis(10));
      assertThat(closing.isAlive()).isFalse();
    }
  }
}
