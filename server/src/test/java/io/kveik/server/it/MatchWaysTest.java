package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.ChainIds;
import io.kveik.client.KveikException;
import io.kveik.client.MatchResult;
import io.kveik.client.NamespaceClient;
import io.kveik.client.StopReason;
import io.kveik.client.TurnEnd;
import io.kveik.client.TurnHints;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.TransportKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Match over each way there is: the same answers, the same errors, and who has answered. */
@Timeout(60)
final class MatchWaysTest {
  private static final int STORED = 40;
  private static final int MOST_IDS = 1_000;

  @TempDir Path directory;
  private RunningServer server;

  @BeforeEach
  void store() throws Exception {
    server = start();
    try (BlockClient client = client(TransportKind.GRPC);
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      List<StoreItem> items =
          IntStream.range(0, STORED).mapToObj(i -> NativeBlocks.store(i, 1_000)).toList();
      assertThat(blocks.store(items)).allMatch(one -> one.inStore());
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RunningServer start() throws Exception {
    return RunningServer.start(
        directory,
        "limits.ids=" + MOST_IDS,
        "same-host.bytes=8MiB",
        "same-host.segment-bytes=2MiB",
        "same-host.dir=" + directory);
  }

  private BlockClient client(TransportKind... kinds) {
    return BlockClient.connect(
        BlockClientOptions.of("localhost:" + server.port())
            .withTransports(EnumSet.copyOf(List.of(kinds))));
  }

  private static List<byte[]> chain(int from, int to) {
    return IntStream.range(from, to).mapToObj(NativeBlocks::id).toList();
  }

  private long overTheDataPort() {
    return (long) server.metric("kveik_data_matches_total");
  }

  @ParameterizedTest
  @EnumSource(TransportKind.class)
  void eachWayAnswersAlike(TransportKind kind) {
    try (BlockClient client = client(kind, TransportKind.GRPC);
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      MatchResult all = blocks.match(chain(0, STORED));
      assertThat(all.blocks()).isEqualTo(STORED);
      assertThat(all.tiers())
          .containsExactly(new MatchResult.TierRun(MatchResult.Tier.DRAM, STORED));
      assertThat(all.stop()).isEmpty();

      MatchResult more = blocks.match(chain(0, MOST_IDS));
      assertThat(more.blocks()).isEqualTo(STORED);
      assertThat(more.stop().orElseThrow().reason()).isEqualTo(StopReason.NEVER_STORED);

      MatchResult none = blocks.match(chain(STORED, STORED + 3));
      assertThat(none.blocks()).isZero();
      assertThat(none.tiers()).isEmpty();

      byte[] conversation = {1, 2, 3};
      TurnHints hints = new TurnHints(conversation, Optional.empty(), TurnEnd.END_TURN);
      assertThat(blocks.match(chain(0, 7), hints).blocks()).isEqualTo(7);
      assertThat(blocks.prefetch(conversation)).as("remembers the conversation").isNotNull();
      assertThat(overTheDataPort()).isEqualTo(kind == TransportKind.GRPC ? 0 : 4);
    }
  }

  @ParameterizedTest
  @EnumSource(TransportKind.class)
  void whatIsWrongIsSaidAlike(TransportKind kind) {
    try (BlockClient client = client(kind, TransportKind.GRPC);
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      assertRefused(blocks, List.of(new byte[15]), "blocks[0].id: 15 bytes");
      assertRefused(blocks, List.of(NativeBlocks.id(0), new byte[65]), "blocks[1].id: 65 bytes");
      assertRefused(blocks, chain(0, MOST_IDS + 1), "" + MOST_IDS);
      assertThat(blocks.match(chain(0, 1)).blocks()).as("good for the next").isEqualTo(1);
    }
  }

  private static void assertRefused(NamespaceClient blocks, List<byte[]> ids, String named) {
    assertThatThrownBy(() -> blocks.match(ids))
        .isInstanceOfSatisfying(
            KveikException.class,
            e -> assertThat(e.code()).isEqualTo(KveikException.Code.INVALID_ARGUMENT))
        .hasMessageContaining(named);
  }

  @Test
  void tokensAreMatchedOverGrpc() {
    int[] tokens = IntStream.range(0, 3 * 16).toArray();
    try (BlockClient client = client(TransportKind.TCP, TransportKind.GRPC);
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      List<byte[]> ids = ChainIds.of(i -> tokens[i], tokens.length, 16);
      blocks.store(
          List.of(StoreItem.of(ids.get(0), new byte[0], 16, NativeBlocks.payload(900, 100))));
      assertThat(blocks.match(tokens).blocks()).isEqualTo(1);
      assertThat(overTheDataPort()).isZero();
      assertThat(blocks.match(ids).blocks()).isEqualTo(1);
      assertThat(overTheDataPort()).isEqualTo(1);
    }
  }

  @Test
  void aNamespaceSeesOnlyItsOwn() {
    try (BlockClient client = client(TransportKind.TCP, TransportKind.GRPC);
        NamespaceClient other =
            client.open(
                new BlockNamespace(NativeBlocks.NAMESPACE.scope(), BlockModel.of("other", 16)))) {
      assertThat(other.match(chain(0, STORED)).blocks()).isZero();
      assertThat(overTheDataPort()).isEqualTo(1);
    }
  }

  @Test
  void aServerThatCameBackIsAskedAgain() throws Exception {
    List<Integer> found = new ArrayList<>();
    try (BlockClient client = client(TransportKind.TCP, TransportKind.GRPC);
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      found.add(blocks.match(chain(0, 5)).blocks());
      int port = server.port();
      server.close();
      assertThatThrownBy(() -> blocks.match(chain(0, 5))).isInstanceOf(KveikException.class);
      server = RunningServer.start(directory, "port=" + port);
      found.add(blocks.match(chain(0, 5)).blocks());
    }
    assertThat(found).containsExactly(5, 5);
  }
}
