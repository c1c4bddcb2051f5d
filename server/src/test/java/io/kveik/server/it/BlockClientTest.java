package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.BlockScope;
import io.kveik.client.ChainIds;
import io.kveik.client.KveikException;
import io.kveik.client.MatchResult;
import io.kveik.client.NamespaceClient;
import io.kveik.client.StopReason;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which transport the client takes, and what it does when that fails. */
@Timeout(60)
final class BlockClientTest {
  private static final int BLOCK_BYTES = 100_000;
  private static final int BLOCKS = 12;
  private static final int TICKET_MILLIS = 100;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      value = TransportKind.class,
      names = {"UNIX", "TCP", "GRPC"})
  void theOnlyOneAllowedIsTaken(TransportKind kind) throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        BlockClient client = connect(server, Set.of(kind));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      assertThat(blocks.transport()).isEmpty();
      storesAndLoads(blocks);
      assertThat(blocks.transport()).contains(kind);
      server.awaitNoReaders();
    }
  }

  @Test
  void theUnixSocketIsTheBestOnThisHost() throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        BlockClient client =
            connect(server, EnumSet.of(TransportKind.GRPC, TransportKind.TCP, TransportKind.UNIX));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      storesAndLoads(blocks);
      assertThat(blocks.transport()).contains(TransportKind.UNIX);
    }
  }

  @Test
  void memoryThatTheServerLendsIsBetterStill() throws Exception {
    Path shared = Files.createDirectory(directory.resolve("shared"));
    try (RunningServer server =
            RunningServer.start(
                directory,
                "same-host.bytes=8MiB",
                "same-host.segment-bytes=2MiB",
                "same-host.dir=" + shared);
        BlockClient client = connect(server, EnumSet.allOf(TransportKind.class));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      storesAndLoads(blocks);
      assertThat(blocks.transport()).contains(TransportKind.SAME_HOST);
      byte[] id = Blocks.payload(900, 32);
      byte[] payload = Blocks.payload(901, 5_000);
      blocks.store(List.of(StoreItem.of(id, new byte[0], 16, MemorySegment.ofArray(payload))));
      assertThat(
              blocks.borrow(
                  List.of(id, Blocks.payload(902, 32)),
                  (_, lent) ->
                      assertThat(lent.payload().mismatch(MemorySegment.ofArray(payload)))
                          .isEqualTo(-1)))
          .containsExactly(LoadResult.Status.FOUND, LoadResult.Status.NO_MEMORY);
    }
  }

  /** What has to be loaded is said, not thrown. */
  @Test
  void whereNothingIsLentNothingIsBorrowed() throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        BlockClient client = connect(server, EnumSet.allOf(TransportKind.class));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      storesAndLoads(blocks);
      assertThat(
              blocks.borrow(
                  List.of(Blocks.payload(900, 32)),
                  (_, _) -> {
                    throw new AssertionError("nothing to read");
                  }))
          .containsExactly(LoadResult.Status.NO_MEMORY);
    }
  }

  /** As for a client on another host, where the path that the server names is not. */
  @Test
  void aMissingSocketFileIsNotOnOffer() throws Exception {
    try (RunningServer server = RunningServer.start(directory)) {
      Files.delete(directory.resolve("data.sock"));
      try (BlockClient client =
              connect(
                  server, EnumSet.of(TransportKind.GRPC, TransportKind.TCP, TransportKind.UNIX));
          NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
        storesAndLoads(blocks);
        assertThat(blocks.transport()).contains(TransportKind.TCP);
      }
    }
  }

  @Test
  void withoutADataPortThereIsGrpc() throws Exception {
    try (RunningServer server =
            RunningServer.start(directory, "data.port=off", "data.unix-path=off");
        BlockClient client = connect(server, EnumSet.allOf(TransportKind.class));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      storesAndLoads(blocks);
      assertThat(blocks.transport()).contains(TransportKind.GRPC);
    }
  }

  @Test
  void whatIsNotOnOfferIsUnavailable() throws Exception {
    try (RunningServer server = RunningServer.start(directory, "data.port=off");
        BlockClient client = connect(server, Set.of(TransportKind.TCP));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      assertThatThrownBy(() -> blocks.store(List.of(NativeBlocks.store(0, 10))))
          .isInstanceOf(KveikException.class)
          .hasMessageContaining("TCP is not on offer");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TransportKind.class,
      names = {"TCP", "GRPC"})
  void aDataPortThatDiesDuringALoadIsReplaced(TransportKind next) throws Exception {
    try (RunningServer server = RunningServer.start(directory)) {
      try (BlockClient client = connect(server, Set.of(TransportKind.GRPC));
          NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
        store(blocks);
      }
      try (CutSocket _ = CutSocket.before(directory.resolve("data.sock"), 4 * BLOCK_BYTES);
          BlockClient client = connect(server, EnumSet.of(TransportKind.UNIX, next));
          NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
        load(blocks);
        assertThat(blocks.transport()).contains(next);
      }
      server.awaitNoReaders();
    }
  }

  @Test
  void aDataPortThatDiesDuringAStoreIsReplaced() throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        CutSocket _ = CutSocket.before(directory.resolve("data.sock"), 100);
        BlockClient client = connect(server, EnumSet.of(TransportKind.UNIX, TransportKind.GRPC));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      storesAndLoads(blocks);
      assertThat(blocks.transport()).contains(TransportKind.GRPC);
    }
  }

  /** Another process of the server knows none of the tickets, and its data port may be another. */
  @ParameterizedTest
  @EnumSource(
      value = TransportKind.class,
      names = {"UNIX", "TCP", "GRPC"})
  void aServerThatCameBackIsFound(TransportKind kind) throws Exception {
    RunningServer first = RunningServer.start(directory, "data.port=0");
    int port = first.port();
    try (BlockClient client = connect(first, Set.of(kind));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      storesAndLoads(blocks);
      first.close();
      assertThatThrownBy(() -> load(blocks))
          .isInstanceOfSatisfying(
              KveikException.class,
              e -> assertThat(e.code()).isEqualTo(KveikException.Code.UNAVAILABLE));
      try (RunningServer second = RunningServer.start(directory, "port=" + port, "data.port=0")) {
        // The channel may just be finding out that the first one is gone.
        await().ignoreExceptions().untilAsserted(() -> storesAndLoads(blocks));
        assertThat(blocks.transport()).contains(kind);
        second.awaitNoReaders();
      }
    }
  }

  /** Connections are given up when they are idle, and tickets expire: each load needs new ones. */
  @Test
  void ticketsExpire() throws Exception {
    try (RunningServer server =
            RunningServer.start(
                directory, "ticket.life-millis=" + TICKET_MILLIS, "data.idle-millis=10");
        BlockClient client = connect(server, Set.of(TransportKind.UNIX));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      store(blocks);
      for (int i = 0; i < 3; i++) {
        TimeUnit.MILLISECONDS.sleep(2 * TICKET_MILLIS);
        await().until(() -> server.metric("kveik_data_connections") == 0);
        load(blocks);
      }
      assertThat(blocks.transport()).contains(TransportKind.UNIX);
    }
  }

  @Test
  void matchesIdsAndTokens() throws Exception {
    int[] tokens = IntStream.range(0, 16 * 3 + 5).toArray();
    List<byte[]> ids = ChainIds.of(i -> tokens[i], tokens.length, 16);
    try (RunningServer server = RunningServer.start(directory);
        BlockClient client = connect(server, EnumSet.allOf(TransportKind.class));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      for (int i = 0; i < 2; i++) {
        blocks.store(
            List.of(
                StoreItem.of(
                    ids.get(i),
                    i == 0 ? new byte[0] : ids.get(i - 1),
                    16,
                    NativeBlocks.payload(i, 1_000))));
      }
      MatchResult byIds = blocks.match(ids);
      assertThat(byIds.blocks()).isEqualTo(2);
      assertThat(byIds.tiers()).containsExactly(new MatchResult.TierRun(MatchResult.Tier.DRAM, 2));
      assertThat(byIds.stop().orElseThrow().reason()).isEqualTo(StopReason.NEVER_STORED);
      assertThat(byIds.stop().orElseThrow().blockIndex()).isEqualTo(2);
      MatchResult byTokens = blocks.match(tokens);
      assertThat(byTokens.blocks()).isEqualTo(2);
      assertThat(byTokens.ids()).containsExactly(ids.get(0), ids.get(1));
      assertThat(blocks.match(ids.subList(0, 2)).stop()).isEmpty();
    }
  }

  @Test
  void aNamespaceThatTheServerRefusesIsKnownAtOnce() throws Exception {
    BlockNamespace foreign =
        new BlockNamespace(new BlockScope("no name", "kv", ""), BlockModel.of("llama", 16));
    try (RunningServer server = RunningServer.start(directory);
        BlockClient client = connect(server, EnumSet.allOf(TransportKind.class))) {
      assertThatThrownBy(() -> client.open(foreign))
          .isInstanceOfSatisfying(
              KveikException.class,
              e -> assertThat(e.code()).isEqualTo(KveikException.Code.INVALID_ARGUMENT))
          .hasMessageContaining("resource");
    }
  }

  @Test
  void closingTheClientClosesItsNamespaces() throws Exception {
    try (RunningServer server = RunningServer.start(directory)) {
      BlockClient client = connect(server, EnumSet.allOf(TransportKind.class));
      NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE);
      storesAndLoads(blocks);
      client.close();
      assertThatThrownBy(() -> load(blocks)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> client.open(NativeBlocks.NAMESPACE))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private static BlockClient connect(RunningServer server, Set<TransportKind> allowed) {
    return BlockClient.connect(
        BlockClientOptions.of("localhost:" + server.port()).withTransports(allowed));
  }

  private static void storesAndLoads(NamespaceClient blocks) {
    store(blocks);
    load(blocks);
  }

  private static void store(NamespaceClient blocks) {
    List<StoreItem> items = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      items.add(NativeBlocks.store(i, BLOCK_BYTES + i));
    }
    assertThat(blocks.store(items)).hasSize(BLOCKS).allMatch(StoreResult::inStore);
  }

  private static void load(NamespaceClient blocks) {
    try (Arena arena = Arena.ofShared()) {
      List<LoadItem> items = new ArrayList<>();
      for (int i = 0; i < BLOCKS; i++) {
        MemorySegment target = arena.allocate(BLOCK_BYTES + BLOCKS);
        items.add(LoadItem.whole(NativeBlocks.id(i), target));
      }
      items.add(LoadItem.whole(NativeBlocks.id(1_000), arena.allocate(1)));
      List<LoadResult> results = blocks.load(items);
      assertThat(results.getLast().status()).isEqualTo(LoadResult.Status.ABSENT);
      for (int i = 0; i < BLOCKS; i++) {
        assertThat(results.get(i).bytes()).isEqualTo(BLOCK_BYTES + i);
        assertThat(
                items
                    .get(i)
                    .target()
                    .asSlice(0, BLOCK_BYTES + i)
                    .mismatch(NativeBlocks.payload(i, BLOCK_BYTES + i)))
            .isEqualTo(-1);
      }
    }
  }
}
