package io.kveik.client;

import static io.kveik.client.Chain.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.kveik.client.KveikException.Code;
import io.kveik.wire.v1.ReadResponse;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that fail, fall silent, go away or lie. */
@Timeout(60)
final class FailureTest {
  private final StoreServer server = StoreServer.start();
  private final KveikClient client = server.connect();
  private final Chain chain = Chain.random(31, 1, 100_000);

  @AfterEach
  void close() {
    assertThat(client.openBlocks()).isZero();
    client.close();
    server.close();
  }

  @Test
  void everyCallSurvivesTwoFailures() {
    fail(Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED);
    client.write(SCOPE, chain.block(0));
    assertThat(server.store.writes).hasSize(3);
    assertThat(server.store.size()).isEqualTo(1);

    fail(Status.RESOURCE_EXHAUSTED, Status.UNAVAILABLE);
    BlockRef ref = client.lookup(SCOPE, chain.tokens()).blocks().getFirst();

    fail(Status.UNAVAILABLE, Status.UNAVAILABLE);
    try (Block block = client.read(SCOPE, ref).orElseThrow()) {
      assertThat(block.wrapBuffer()).isEqualTo(chain.payload(0));
    }
    assertThat(client.retries()).isEqualTo(6);
    assertThat(server.store.calls).hasValue(9);
  }

  @Test
  void attemptsAreBounded() {
    fail(Status.UNAVAILABLE, Status.UNAVAILABLE, Status.UNAVAILABLE.withDescription("third"));
    assertThatThrownBy(() -> client.write(SCOPE, chain.block(0)))
        .isInstanceOf(KveikException.class)
        .hasMessageEndingWith("failed after 3 attempts: UNAVAILABLE: third")
        .extracting(FailureTest::code)
        .isEqualTo(Code.UNAVAILABLE);
    assertThat(server.store.calls).hasValue(3);
  }

  @Test
  void otherFailuresAreNotTriedAgain() {
    List<Status> statuses =
        List.of(
            Status.DEADLINE_EXCEEDED,
            Status.INVALID_ARGUMENT,
            Status.PERMISSION_DENIED,
            Status.INTERNAL);
    List<Code> codes = new ArrayList<>();
    for (Status status : statuses) {
      fail(status);
      assertThatThrownBy(() -> client.lookup(SCOPE, chain.tokens()))
          .isInstanceOfSatisfying(KveikException.class, e -> codes.add(e.code()));
    }
    assertThat(codes)
        .containsExactly(Code.DEADLINE_EXCEEDED, Code.INVALID_ARGUMENT, Code.DENIED, Code.INTERNAL);
    assertThat(server.store.calls).hasValue(4);
    assertThat(client.retries()).isZero();
  }

  @Test
  void silentServerCostsTheDeadlineAndNoMore() {
    server.store.muteAfter = 0;
    Duration limit = Duration.ofMillis(200);
    BlockRef ref = new BlockRef(1, "anywhere");
    try (KveikClient hasty =
        KveikClient.connect(
            server
                .options()
                .lookupDeadline(limit)
                .readDeadline(limit)
                .writeDeadline(limit)
                .build())) {
      List<Runnable> calls =
          List.of(
              () -> hasty.lookup(SCOPE, chain.tokens()),
              () -> hasty.read(SCOPE, ref),
              () -> hasty.write(SCOPE, chain.block(0)));
      for (Runnable call : calls) {
        long start = System.nanoTime();
        assertThatThrownBy(call::run)
            .isInstanceOf(KveikException.class)
            .extracting(FailureTest::code)
            .isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .isBetween(limit, Duration.ofSeconds(20));
      }
      assertThat(hasty.retries()).isZero();
    }
    assertThat(server.store.calls).hasValue(3);
  }

  @Test
  void failuresMayBeMisses() {
    try (KveikClient lenient =
        KveikClient.connect(server.options().missOnFailure(true).maxAttempts(1).build())) {
      fail(Status.UNAVAILABLE, Status.INTERNAL, Status.UNKNOWN, Status.UNAVAILABLE);
      assertThat(lenient.lookup(SCOPE, chain.tokens())).isEqualTo(LookupResult.miss());
      BlockRef ref = new BlockRef(1, "anywhere");
      assertThat(lenient.read(SCOPE, ref)).isEmpty();
      assertThat(lenient.read(SCOPE, ref, MemorySegment.ofArray(new byte[1]))).isEmpty();
      assertThat(lenient.failuresAsMisses()).isEqualTo(3);
      assertThatThrownBy(() -> lenient.write(SCOPE, chain.block(0)))
          .isInstanceOf(KveikException.class);
      assertThat(lenient.failuresAsMisses()).isEqualTo(3);
    }
  }

  @Test
  void memoryThatIsTooSmallIsNoMiss() {
    BlockRef ref = chain.store(client).getFirst();
    try (KveikClient lenient = KveikClient.connect(server.options().missOnFailure(true).build())) {
      assertThatThrownBy(() -> lenient.read(SCOPE, ref, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(KveikException.class)
          .extracting(FailureTest::code)
          .isEqualTo(Code.MEMORY_TOO_SMALL);
    }
  }

  @Test
  void payloadThatFailsItsChecksumIsACountedMiss() {
    BlockRef ref = chain.store(client).getFirst();
    server.store.tamper = FailureTest::flipOneBit;
    assertThat(client.read(SCOPE, ref)).isEmpty();
    assertThat(client.corruptBlocks()).isEqualTo(1);
    assertThat(client.read(SCOPE, ref, MemorySegment.ofArray(new byte[100_000]))).isEmpty();
    assertThat(client.corruptBlocks()).isEqualTo(2);
    List<Boolean> hits = new ArrayList<>();
    client.readAll(SCOPE, List.of(ref, ref), (index, block) -> hits.add(block.isPresent()));
    assertThat(hits).containsExactly(false, false);
    assertThat(client.corruptBlocks()).isEqualTo(4);
  }

  @Test
  void checksumMayBeLeftToTheCaller() {
    BlockRef ref = chain.store(client).getFirst();
    server.store.tamper = FailureTest::flipOneBit;
    try (KveikClient trusting =
            KveikClient.connect(server.options().verifyChecksums(false).build());
        Block block = trusting.read(SCOPE, ref).orElseThrow()) {
      assertThat(block.wrapBuffer()).isNotEqualTo(chain.payload(0));
    }
  }

  @Test
  void serverThatSendsNoChecksumIsBelieved() {
    BlockRef ref = chain.store(client).getFirst();
    server.store.tamper = changeChunk(chunk -> chunk.clearBufferCrc32C());
    try (Block block = client.read(SCOPE, ref).orElseThrow()) {
      assertThat(block.wrapBuffer()).isEqualTo(chain.payload(0));
    }
  }

  @Test
  void anotherBlockThanTheOneAskedForIsACountedMiss() {
    BlockRef ref = chain.store(client).getFirst();
    server.store.tamper = changeChunk(chunk -> chunk.setHash(ref.label() + 1));
    assertThat(client.read(SCOPE, ref)).isEmpty();
    assertThat(client.corruptBlocks()).isEqualTo(1);
  }

  @Test
  void deadServerIsNamedAndALivingOneFoundAtOnce() {
    int port = StoreServer.freePort();
    try (KveikClient early =
        KveikClient.connect(
            ClientOptions.builder("localhost:" + port)
                .lookupDeadline(Duration.ofSeconds(10))
                .build())) {
      assertThatThrownBy(() -> early.lookup(SCOPE, chain.tokens()))
          .isInstanceOf(KveikException.class)
          .extracting(FailureTest::code)
          .isEqualTo(Code.UNAVAILABLE);
      // gRPC would now wait about a second before it connects again; the retries take a tenth.
      try (StoreServer late = StoreServer.startAt(port)) {
        assertThat(early.lookup(SCOPE, chain.tokens()).cachedBlocks()).isZero();
        assertThat(late.store.calls).hasValue(1);
      }
    }
  }

  @Test
  void interruptEndsTheWait() {
    server.store.muteAfter = 0;
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> client.lookup(SCOPE, chain.tokens()))
        .isInstanceOf(KveikException.class)
        .extracting(FailureTest::code)
        .isEqualTo(Code.INTERRUPTED);
    assertThat(Thread.interrupted()).isTrue();
  }

  private void fail(Status... statuses) {
    server.store.failNext.addAll(List.of(statuses));
  }

  private static Code code(Throwable thrown) {
    return ((KveikException) thrown).code();
  }

  private static ReadResponse flipOneBit(ReadResponse response) {
    byte[] payload = response.getChunk().getBuffer().toByteArray();
    payload[payload.length / 2] ^= 1;
    return changeChunk(chunk -> chunk.setBuffer(ByteString.copyFrom(payload))).apply(response);
  }

  private static UnaryOperator<ReadResponse> changeChunk(
      UnaryOperator<io.kveik.wire.v1.PromptChunk.Builder> change) {
    return response ->
        response.toBuilder().setChunk(change.apply(response.getChunk().toBuilder())).build();
  }
}
