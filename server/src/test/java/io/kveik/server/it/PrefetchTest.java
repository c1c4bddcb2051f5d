package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.StatusException;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.MatchResult;
import io.kveik.client.NamespaceClient;
import io.kveik.client.PrefetchResult;
import io.kveik.client.TurnEnd;
import io.kveik.client.TurnHints;
import io.kveik.client.data.StoreItem;
import io.kveik.wire.nativev1.BlockIds;
import io.kveik.wire.nativev1.PrefetchRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hints and prefetching, from the Java client and on the wire. */
@Timeout(60)
final class PrefetchTest {
  private static final int CHAIN = 12;
  private static final int BLOCK_BYTES = 60_000;
  private static final byte[] CONVERSATION = "chat-42".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;

  private static List<byte[]> ids(long first, int count) {
    return LongStream.range(first, first + count).mapToObj(NativeBlocks::id).toList();
  }

  private static void store(NamespaceClient blocks, long first, int count) {
    blocks.store(
        LongStream.range(first, first + count)
            .mapToObj(number -> NativeBlocks.store(number, BLOCK_BYTES))
            .map(item ->
                new StoreItem(
                    item.id(),
                    item.parentId(),
                    item.tokenCount(),
                    item.metadata(),
                    0,
                    0,
                    AckLevel.SHARED,
                    item.payload(),
                    OptionalInt.empty()))
            .toList());
  }

  /** How many blocks of the chain are in DRAM. */
  private static int inDram(NamespaceClient blocks) {
    return blocks.match(ids(0, CHAIN)).tiers().stream()
        .filter(run -> run.tier() == MatchResult.Tier.DRAM)
        .mapToInt(MatchResult.TierRun::blocks)
        .sum();
  }

  private RunningServer smallServer() throws Exception {
    return RunningServer.start(directory, "dram-bytes=8MiB", "fs-bytes=256MiB");
  }

  private static BlockClient connect(RunningServer server) {
    Duration patient = Duration.ofSeconds(9);
    return BlockClient.connect(
        BlockClientOptions.of("localhost:" + server.port())
            .withDeadlines(patient, patient, patient));
  }

  @Test
  void aConversationIsBackInDramBeforeItsNextTurn() throws Exception {
    try (RunningServer server = smallServer();
        BlockClient client = connect(server);
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      store(blocks, 0, CHAIN);
      blocks.match(ids(0, CHAIN), TurnHints.of(CONVERSATION));
      store(blocks, 1_000, 150);
      assertThat(inDram(blocks)).isZero();

      PrefetchResult now = blocks.prefetch(CONVERSATION);
      assertThat(now).isEqualTo(new PrefetchResult(CHAIN, 0, CHAIN, false));
      await().until(() -> inDram(blocks) == CHAIN);

      store(blocks, 2_000, 150);
      PrefetchResult planned =
          blocks.prefetch(
              ids(0, CHAIN),
              new TurnHints(CONVERSATION, Optional.of(Duration.ofMillis(2_100)), TurnEnd.TOOL_USE));
      assertThat(planned.planned()).isTrue();
      await().until(() -> inDram(blocks) == CHAIN);
      assertThat(server.metric("kveik_turns_total{stop_reason=\"tool_use\"}")).isEqualTo(1);
      assertThat(blocks.prefetch("nobody".getBytes(StandardCharsets.UTF_8)).knownBlocks()).isZero();
      server.awaitNoReaders();
    }
  }

  /** As many as a Match may have: its request is half a megabyte. */
  @Test
  void aLongChainIsPrefetchedWhole() throws Exception {
    try (RunningServer server = smallServer();
        BlockClient client = connect(server);
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      store(blocks, 0, CHAIN);
      List<byte[]> chain = ids(0, 15_000);
      assertThat(blocks.match(chain).blocks()).isEqualTo(CHAIN);
      assertThat(blocks.prefetch(chain, TurnHints.of(CONVERSATION)).knownBlocks()).isEqualTo(CHAIN);
      server.awaitNoReaders();
    }
  }

  @Test
  void hintsInAStoreStreamMoveTheConversationOn() throws Exception {
    try (RunningServer server = smallServer()) {
      NativeCalls calls = new NativeCalls(server.connect());
      ByteString id = ByteString.copyFrom(CONVERSATION);
      var hints = io.kveik.wire.nativev1.TurnHints.newBuilder().setContinueId(id);
      calls.store(
          LongStream.range(0, 3)
              .mapToObj(seed -> NativeCalls.block(0, seed, 1_000).setHints(hints).build())
              .toList());
      var answer =
          calls
              .stub()
              .prefetch(
                  PrefetchRequest.newBuilder()
                      .setNamespace(NativeCalls.NAMESPACE)
                      .setContinueId(id)
                      .build());
      assertThat(answer.getKnownBlocks()).isEqualTo(3);
      assertThat(answer.getDramBlocks()).isEqualTo(3);
    }
  }

  @Test
  void badHintsAreRefusedByName() throws Exception {
    try (RunningServer server = smallServer()) {
      NativeCalls calls = new NativeCalls(server.connect());
      PrefetchRequest.Builder request =
          PrefetchRequest.newBuilder().setNamespace(NativeCalls.NAMESPACE);
      assertThatThrownBy(() -> calls.stub().prefetch(request.clone().build()))
          .isInstanceOf(StatusException.class)
          .hasMessageContaining("continue_id");
      assertThatThrownBy(() ->
              calls
                  .stub()
                  .prefetch(
                      request.clone().setContinueId(ByteString.copyFrom(new byte[129])).build()))
          .hasMessageContaining("continue_id")
          .hasMessageContaining("129 bytes")
          .hasMessageContaining("1 to 128");
      PrefetchRequest.Builder late =
          request.clone().setBlocks(BlockIds.newBuilder().addIds(NativeCalls.id(1)));
      late.getHintsBuilder()
          .setContinueId(ByteString.copyFromUtf8("x"))
          .setNextTurnExpectedMs(Duration.ofDays(2).toMillis());
      assertThatThrownBy(() -> calls.stub().prefetch(late.build()))
          .hasMessageContaining("next_turn_expected_ms");
      late.getHintsBuilder().clearContinueId().setNextTurnExpectedMs(1);
      assertThatThrownBy(() -> calls.stub().prefetch(late.build()))
          .hasMessageContaining("hints.continue_id");
    }
  }
}
