package io.kveik.server.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.client.data.SocketTransport;
import io.kveik.client.data.SocketTransportOptions;
import io.kveik.client.data.frame.BlockStatus;
import io.kveik.client.data.frame.ErrorCode;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.MatchBody;
import io.kveik.client.data.frame.MatchedBody;
import io.kveik.client.data.frame.MatchedStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** MATCH frame by frame; who answers it is the test. */
@Timeout(60)
final class DataMatchTest {
  private static final long SOME_LOADS_BYTES = 1_000;

  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Every match from now on, for the test to answer. */
  private static BlockingQueue<CompletableFuture<MatchedBody>> unanswered(DataFixture fixture) {
    BlockingQueue<CompletableFuture<MatchedBody>> asked = new LinkedBlockingQueue<>();
    fixture.matchWith((_, _, _, _) -> {
      CompletableFuture<MatchedBody> answer = new CompletableFuture<>();
      asked.add(answer);
      return answer;
    });
    return asked;
  }

  /** An answer counts until the socket has taken it, and a client may read it before. */
  private static void awaitNothingCounted(DataFixture fixture) {
    await().until(() -> fixture.server().status().requestBytes() == 0);
  }

  @Test
  void theAnswerIsTheMatchers() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory);
        RawPeer peer = fixture.peer()) {
      fixture.matchWith((session, request, maxAnswerBytes, patienceMillis) -> {
        assertThat(session.tenant()).isEqualTo("account");
        assertThat(maxAnswerBytes).isEqualTo(MatchedBody.maxBytes(DataFixture.MAX_BLOCKS));
        String text = new String(request, StandardCharsets.UTF_8) + " " + patienceMillis;
        return CompletableFuture.completedFuture(MatchedBody.matched(bytes(text)));
      });
      peer.greet(fixture.ticket(), 0);
      peer.match(1, 250, bytes("within"));
      MatchedBody within = peer.matched(1);
      assertThat(within.status()).isEqualTo(MatchedStatus.MATCHED);
      assertThat(within.text()).isEqualTo("within 250");
      peer.match(2, 0, bytes("whenever"));
      assertThat(peer.matched(2).text()).isEqualTo("whenever " + Long.MAX_VALUE);
      assertThat(fixture.server().status().matches()).isEqualTo(2);
      awaitNothingCounted(fixture);
    }
  }

  @Test
  void aSlowAnswerKeepsNobodyWaiting() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory);
        RawPeer peer = fixture.peer()) {
      BlockingQueue<CompletableFuture<MatchedBody>> asked = unanswered(fixture);
      peer.greet(fixture.ticket(), 0);
      peer.match(1, 0, bytes("first"));
      peer.match(2, 0, bytes("second"));
      CompletableFuture<MatchedBody> first = asked.take();
      CompletableFuture<MatchedBody> second = asked.take();
      peer.bare(FrameType.PING, 0);
      assertThat(peer.header().type()).isEqualTo(FrameType.PONG);
      assertThat(fixture.server().status().requestBytes()).isPositive();
      second.complete(MatchedBody.matched(bytes("2")));
      assertThat(peer.matched(2).text()).isEqualTo("2");
      first.complete(MatchedBody.without(MatchedStatus.REFUSED, "1"));
      assertThat(peer.matched(1).status()).isEqualTo(MatchedStatus.REFUSED);
      awaitNothingCounted(fixture);
    }
  }

  @Test
  void whatIsTooLongOrTooManyEndsTheConnection() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory)) {
      BlockingQueue<CompletableFuture<MatchedBody>> asked = unanswered(fixture);
      try (RawPeer peer = fixture.peer()) {
        peer.greet(fixture.ticket(), 0);
        peer.header(FrameType.MATCH, 1, MatchBody.maxBytes(DataFixture.MAX_BLOCKS) + 1, 0);
        assertThat(peer.error().code()).isEqualTo(ErrorCode.TOO_LARGE);
      }
      try (RawPeer peer = fixture.peer()) {
        peer.greet(fixture.ticket(), 0);
        for (int i = 1; i <= DataFixture.MAX_REQUESTS + 1; i++) {
          peer.match(i, 0, bytes("waits"));
        }
        assertThat(peer.error().code()).isEqualTo(ErrorCode.TOO_MANY);
      }
      try (RawPeer peer = fixture.peer()) {
        peer.greet(fixture.ticket(), 0);
        peer.match(1, 0, bytes("no time"));
        peer.header(FrameType.MATCH, 2, 2, 0);
        peer.send(new byte[2]);
        assertThat(peer.error().code()).isEqualTo(ErrorCode.PROTOCOL);
      }
      // Those that nobody waits for any more take no room once they are known.
      asked.forEach(answer -> answer.complete(MatchedBody.matched(new byte[0])));
    }
  }

  /** As many bytes as all LOADs and MATCHes may take are waiting already. */
  @Test
  void aMatchBeyondTheRequestBytesIsBusyAndTheNextIsNot() throws Exception {
    int most = MatchBody.maxBytes(DataFixture.MAX_BLOCKS) - Integer.BYTES;
    try (DataFixture fixture = DataFixture.start(directory, DataMatchTest::withRoomForOneRequest);
        RawPeer peer = fixture.peer()) {
      BlockingQueue<CompletableFuture<MatchedBody>> asked = unanswered(fixture);
      peer.greet(fixture.ticket(), 0);
      peer.match(1, 0, new byte[most]);
      CompletableFuture<MatchedBody> first = asked.take();
      peer.match(2, 0, new byte[most]);
      MatchedBody refused = peer.matched(2);
      assertThat(refused.status()).isEqualTo(MatchedStatus.BUSY);
      assertThat(refused.text()).startsWith("data.request-bytes: no room for");
      first.complete(MatchedBody.matched(new byte[0]));
      peer.matched(1);
      awaitNothingCounted(fixture);
      peer.match(3, 0, new byte[most]);
      asked.take().complete(MatchedBody.matched(new byte[0]));
      assertThat(peer.matched(3).status()).isEqualTo(MatchedStatus.MATCHED);
      assertThat(fixture.server().status().requestsRefused()).isEqualTo(1);
    }
  }

  /** Of loads; of matches, however little is set, the longest finds room. */
  private static DataOptions.Limits withRoomForOneRequest(DataOptions.Limits limits) {
    return new DataOptions.Limits(
        limits.connections(),
        limits.greetings(),
        limits.requests(),
        limits.coldBlocks(),
        SOME_LOADS_BYTES,
        limits.leasedBytes(),
        limits.receivingBytes(),
        limits.helloMillis(),
        limits.idleMillis(),
        limits.frameMillis());
  }

  @Test
  void loadsAreNotRefusedForMatches() throws Exception {
    int most = MatchBody.maxBytes(DataFixture.MAX_BLOCKS) - Integer.BYTES;
    CompletableFuture<MatchedBody> answer = new CompletableFuture<>();
    try (DataFixture fixture = DataFixture.start(directory, DataMatchTest::withRoomForOneRequest);
        RawPeer peer = fixture.peer()) {
      fixture.matchWith((_, _, _, _) -> answer);
      peer.greet(fixture.ticket(), 0);
      peer.match(1, 0, new byte[most]);
      await().until(() -> fixture.server().status().requestBytes() > 0);
      peer.match(2, 0, new byte[most]);
      assertThat(peer.matched(2).status()).isEqualTo(MatchedStatus.BUSY);
      peer.load(3, 1_000_000, List.of(DataItems.id(1)));
      assertThat(peer.block().body().status()).isEqualTo(BlockStatus.ABSENT);
      answer.complete(MatchedBody.matched(new byte[0]));
      peer.matched(1);
    }
  }

  /** gRPC answers it sooner than another call ends. */
  @Test
  void aMatchWaitsForNoConnection() throws Exception {
    try (DataFixture fixture = DataFixture.start(directory);
        SocketTransport transport =
            fixture.tcp(SocketTransportOptions.defaults().withConnections(1));
        ExecutorService pool = Executors.newSingleThreadExecutor()) {
      BlockingQueue<CompletableFuture<MatchedBody>> asked = unanswered(fixture);
      Future<Optional<byte[]>> first =
          pool.submit(() -> transport.match(bytes("first"), Duration.ofSeconds(30)));
      CompletableFuture<MatchedBody> answer = asked.take();
      assertThat(transport.match(bytes("second"), Duration.ofSeconds(30))).isEmpty();
      assertThat(asked).isEmpty();
      answer.complete(MatchedBody.matched(bytes("found")));
      assertThat(first.get()).contains(bytes("found"));
    }
  }

  @Test
  void aDrainingServerAnswersWhatItTook() throws Exception {
    DataFixture fixture = DataFixture.start(directory);
    try (fixture;
        RawPeer peer = fixture.peer()) {
      BlockingQueue<CompletableFuture<MatchedBody>> asked = unanswered(fixture);
      peer.greet(fixture.ticket(), 0);
      peer.match(7, 0, bytes("under way"));
      CompletableFuture<MatchedBody> answer = asked.take();
      Thread closing = Thread.ofVirtual().start(() -> fixture.server().close());
      assertThat(peer.header().type()).isEqualTo(FrameType.GOAWAY);
      answer.complete(MatchedBody.matched(bytes("done")));
      assertThat(peer.matched(7).text()).isEqualTo("done");
      assertThat(peer.closedByServer()).isTrue();
      closing.join();
    }
  }
}
