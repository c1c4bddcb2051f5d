package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusException;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockControlClient;
import io.kveik.client.BlockSelector;
import io.kveik.client.BlockSelector.Everything;
import io.kveik.client.BlockSelector.Ids;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.client.ControlResult;
import io.kveik.client.EvictionPolicy;
import io.kveik.client.KveikClient;
import io.kveik.client.KveikException;
import io.kveik.client.LookupResult;
import io.kveik.client.MatchResult;
import io.kveik.client.NamespaceClient;
import io.kveik.client.StopReason;
import io.kveik.client.StoredBlockInfo;
import io.kveik.client.StoredBlockPage;
import io.kveik.client.TtlKind;
import io.kveik.client.data.StoreItem;
import io.kveik.wire.nativev1.BlockControlGrpc;
import io.kveik.wire.nativev1.BlockControlGrpc.BlockControlBlockingV2Stub;
import io.kveik.wire.nativev1.BlockIds;
import io.kveik.wire.nativev1.DeleteRequest;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.QueryRequest;
import io.kveik.wire.nativev1.Selector;
import io.kveik.wire.nativev1.SetPriorityRequest;
import io.kveik.wire.nativev1.SetTtlRequest;
import io.kveik.wire.nativev1.TokenBlocks;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Control operations through the real wire, by the client and by generated stubs. */
@Timeout(60)
final class BlockControlServiceTest {
  private static final int BYTES = 50_000;
  private static final int BLOCKS = 8;
  private static final long[] TOKENS = Blocks.tokens(77, BLOCKS);

  @TempDir Path directory;

  private RunningServer server;
  private BlockClient client;
  private NamespaceClient blocks;
  private BlockControlClient control;

  @BeforeEach
  void start() throws Exception {
    start("namespaces.file=");
  }

  private void start(String setting) throws Exception {
    server =
        RunningServer.start(
            directory, "fs-bytes=1GiB", "limits.ids=100", "limits.lookup-tokens=4096", setting);
    Duration patience = Duration.ofSeconds(20);
    client =
        BlockClient.connect(
            BlockClientOptions.of("localhost:" + server.port())
                .withDeadlines(patience, patience, patience));
    blocks = client.open(NativeBlocks.NAMESPACE);
    control = blocks.control();
  }

  @AfterEach
  void stop() {
    client.close();
    server.awaitNoReaders();
    server.close();
  }

  private void store(int first, int count) {
    List<StoreItem> items = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      items.add(NativeBlocks.store(i, BYTES));
    }
    assertThat(blocks.store(items)).allMatch(result -> result.inStore());
  }

  private static List<byte[]> ids(long... numbers) {
    return LongStream.of(numbers).mapToObj(NativeBlocks::id).toList();
  }

  private MatchResult match(int count) {
    return blocks.match(ids(LongStream.range(0, count).toArray()));
  }

  private List<StoredBlockInfo> queryAll(BlockControlClient from, BlockSelector selector) {
    List<StoredBlockInfo> found = new ArrayList<>();
    StoredBlockPage page = from.query(selector, 3, null);
    found.addAll(page.blocks());
    while (page.next().isPresent()) {
      page = from.query(selector, 3, page.next().get());
      found.addAll(page.blocks());
    }
    return found;
  }

  @Test
  void deletedBlocksAreGoneFromEveryTierAndFromDisk() {
    store(0, BLOCKS);
    assertThat(control.delete(new Ids(ids(7, 99)))).returns(1L, ControlResult::changed);
    assertThat(match(BLOCKS).stop().orElseThrow().reason()).isEqualTo(StopReason.DELETED);
    ControlResult prefix = control.delete(new BlockSelector.Prefix(NativeBlocks.id(4)));
    assertThat(prefix.changed()).isEqualTo(3);
    assertThat(prefix.bytes()).isEqualTo(3L * BYTES);
    assertThat(prefix.owingTiers()).isEmpty();
    assertThat(match(BLOCKS).blocks()).isEqualTo(4);
    assertThat(control.delete(new Everything()).changed()).isEqualTo(4);
    await().until(() -> server.metric("kveik_tier_queued_blocks") == 0);
    assertThat(server.metric("kveik_tier_blocks")).isZero();
    assertThat(server.metric("kveik_blocks")).isZero();
    assertThat(server.metric("kveik_control_deleted_total")).isEqualTo(BLOCKS);
    store(0, 2);
    assertThat(match(2).blocks()).isEqualTo(2);
  }

  @Test
  void v1BlocksAreNamedByTheirTokens() {
    try (KveikClient v1 = server.client()) {
      long[] labels = ChainLabels.chain(TOKENS);
      for (int i = 0; i < BLOCKS; i++) {
        BlockWrite block =
            BlockWrite.builder(
                    labels[i],
                    i == 0 ? 0 : labels[i - 1],
                    Arrays.copyOfRange(TOKENS, i * 128, (i + 1) * 128),
                    MemorySegment.ofArray(Blocks.payload(i, BYTES)))
                .ackLevel(AckLevel.SHARED)
                .build();
        v1.write(Blocks.SCOPE, block);
      }
      BlockControlClient ofScope = client.v1Control(Blocks.SCOPE);
      await()
          .untilAsserted(() -> {
            assertThat(server.metric("kveik_tier_listed")).isEqualTo(2);
          });
      List<StoredBlockInfo> described = queryAll(ofScope, new BlockSelector.Tokens(tokens(BLOCKS)));
      assertThat(described).extracting(StoredBlockInfo::label).containsExactly(boxed(labels));
      assertThat(described)
          .allSatisfy(block -> {
            assertThat(block.uses()).isZero();
            assertThat(block.tiers()).containsExactly("dram", "fs");
            assertThat(block.tokenCount()).hasValue(128);
          });
      assertThat(ofScope.delete(new BlockSelector.PrefixTokens(tokens(6))).changed()).isEqualTo(3);
      LookupResult found = v1.lookup(Blocks.SCOPE, TOKENS);
      assertThat(found.cachedBlocks()).isEqualTo(5);
      assertThat(ofScope.delete(new BlockSelector.Tokens(tokens(BLOCKS))).changed()).isEqualTo(5);
      assertThat(v1.lookup(Blocks.SCOPE, TOKENS).cachedBlocks()).isZero();
    }
  }

  private static int[] tokens(int blockCount) {
    return LongStream.of(TOKENS).limit(blockCount * 128L).mapToInt(token -> (int) token).toArray();
  }

  private static Long[] boxed(long[] labels) {
    return LongStream.of(labels).boxed().toArray(Long[]::new);
  }

  @Test
  void traitsAreSetAndSeen() {
    store(0, BLOCKS);
    assertThat(control.setPriority(new Ids(ids(0, 1)), 3).changed()).isEqualTo(2);
    assertThat(control.pin(new Ids(ids(1, 2))).changed()).isEqualTo(2);
    assertThat(control.setTtl(new Ids(ids(3)), TtlKind.LAST_USE, Duration.ofHours(1)).changed())
        .isEqualTo(1);
    control.setTtl(new Ids(ids(4)), TtlKind.FIRST_USE, Duration.ofHours(1));
    List<StoredBlockInfo> described =
        queryAll(control, new Ids(ids(LongStream.range(0, BLOCKS).toArray())));
    assertThat(described).hasSize(BLOCKS);
    assertThat(described.get(0).priority()).isEqualTo(3);
    assertThat(described.get(1).pinned()).isTrue();
    assertThat(described.get(1).depth()).isEqualTo(1);
    assertThat(described.get(3).ttlKind()).contains(TtlKind.LAST_USE);
    assertThat(described.get(3).ttlLeft().orElseThrow()).isPositive();
    assertThat(described.get(4).ttlKind()).contains(TtlKind.FIRST_USE);
    assertThat(described.get(4).ttlLeft()).isEmpty();
    assertThat(described.get(5).ttlKind()).isEmpty();
    assertThat(server.metric("kveik_pinned_blocks")).isEqualTo(2);
    assertThat(control.unpin(new Everything()).changed()).isEqualTo(2);
    assertThat(server.metric("kveik_pinned_bytes")).isZero();
  }

  @Test
  void aNamespacesEvictionPolicyIsKeptOverARestart() throws Exception {
    store(0, BLOCKS);
    assertThat(control.setEvictionPolicy(EvictionPolicy.LRU).changed()).isEqualTo(BLOCKS);
    assertThat(control.setEvictionPolicy(EvictionPolicy.LRU).changed()).isZero();
    stop();
    start();
    await().until(() -> queryAll(control, new Everything()).size() == BLOCKS);
    assertThat(control.setEvictionPolicy(EvictionPolicy.LRU))
        .as("listed with it")
        .isEqualTo(new ControlResult(BLOCKS, 0, 0, List.of()));
    assertThat(control.setEvictionPolicy(EvictionPolicy.SERVER).changed()).isEqualTo(BLOCKS);
  }

  @Test
  void aNamespaceHasThePolicyOfTheFileUnlessAnotherWasSet() throws Exception {
    store(0, BLOCKS);
    stop();
    Path file =
        Files.writeString(
            directory.resolve("namespaces.yaml"),
            """
            namespaces:
            - resource: account
              container: kv
              model: {name: llama, block-tokens: 16}
              eviction-policy: s3-fifo
            """);
    start("namespaces.file=" + file);
    await().until(() -> queryAll(control, new Everything()).size() == BLOCKS);
    assertThat(control.setEvictionPolicy(EvictionPolicy.S3_FIFO).changed())
        .as("listed with it")
        .isZero();
    assertThat(control.setEvictionPolicy(EvictionPolicy.ARC).changed()).isEqualTo(BLOCKS);
    stop();
    start("namespaces.file=" + file);
    await().until(() -> queryAll(control, new Everything()).size() == BLOCKS);
    assertThat(control.setEvictionPolicy(EvictionPolicy.ARC).changed()).isZero();
    assertThat(control.setEvictionPolicy(EvictionPolicy.SERVER).changed()).isEqualTo(BLOCKS);
    assertThat(control.setEvictionPolicy(EvictionPolicy.S3_FIFO).changed()).isZero();
  }

  @Test
  void whatOnlyTheDiskHasIsPrefetched() throws Exception {
    store(0, BLOCKS);
    await().until(() -> server.metric("kveik_tier_queued_blocks") == 0);
    client.close();
    server.close();
    start();
    await().until(() -> server.metric("kveik_tier_listed") == 2);
    assertThat(queryAll(control, new Everything()))
        .hasSize(BLOCKS)
        .allMatch(block -> block.tiers().equals(List.of("fs")) && block.age().isPresent());
    assertThat(control.prefetch(new BlockSelector.Prefix(NativeBlocks.id(2))).changed())
        .isEqualTo(6);
    assertThat(queryAll(control, new Ids(ids(2))).getFirst().tiers()).contains("dram");
    assertThat(queryAll(control, new Ids(ids(1))).getFirst().tiers()).doesNotContain("dram");
  }

  @Test
  void pinsBeyondTheNamespacesShareAreRefused() {
    int many = 20;
    List<StoreItem> items = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      items.add(NativeBlocks.store(i, 1 << 20));
    }
    blocks.store(items);
    BlockControlClient once = control.withDeadline(Duration.ofSeconds(2));
    assertThatThrownBy(() -> once.pin(new Everything()))
        .isInstanceOf(KveikException.class)
        .hasMessageContaining("limits.pinned-percent");
    assertThat(server.metric("kveik_pinned_bytes")).isBetween(1.0, 16.0 * (1 << 20));
  }

  @Test
  void cancelledCallFreesItsThreads() {
    store(0, BLOCKS);
    for (int i = 0; i < 100; i++) {
      try {
        control.withDeadline(Duration.ofNanos(1)).delete(new Ids(ids(500)));
      } catch (KveikException e) {
        assertThat(e.code()).isEqualTo(KveikException.Code.DEADLINE_EXCEEDED);
      }
    }
    assertThat(control.delete(new Everything()).changed()).isEqualTo(BLOCKS);
  }

  record Refusal(Call call, String text) {
    interface Call {
      Object on(BlockControlBlockingV2Stub stub) throws StatusException;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static Stream<Refusal> refusals() {
    Namespace name = NativeCalls.NAMESPACE;
    Namespace v1 = name.toBuilder().clearModel().build();
    Selector all = Selector.newBuilder().setEverything(true).build();
    Selector one =
        Selector.newBuilder().setIds(BlockIds.newBuilder().addIds(NativeCalls.id(1))).build();
    return Stream.of(
        delete(Namespace.getDefaultInstance(), all, "namespace.resource: missing"),
        delete(name.toBuilder().setPartition("../x").build(), all, "namespace.partition: '../x'"),
        delete(name, Selector.getDefaultInstance(), "selector: missing"),
        delete(
            name, Selector.newBuilder().setEverything(false).build(), "selector.everything: false"),
        delete(
            name,
            Selector.newBuilder().setIds(BlockIds.getDefaultInstance()).build(),
            "selector.ids: missing"),
        delete(
            name,
            Selector.newBuilder()
                .setIds(BlockIds.newBuilder().addAllIds(NativeCalls.ids(1, 101)))
                .build(),
            "selector.ids: 101 of them, must be at most 100"),
        delete(
            name,
            Selector.newBuilder().setPrefixId(ByteString.copyFromUtf8("short")).build(),
            "selector.prefix_id: 5 bytes, must be 16 to 64 bytes"),
        delete(
            name,
            Selector.newBuilder().setTokens(TokenBlocks.newBuilder().addTokens(1)).build(),
            "selector.tokens: 1 of them, must be 16 to 4096"),
        delete(v1, one, "selector.ids: given, must be absent"),
        new Refusal(
            stub ->
                stub.setPriority(
                    SetPriorityRequest.newBuilder()
                        .setNamespace(name)
                        .setSelector(all)
                        .setPriority(4)
                        .build()),
            "priority: 4, must be 0 to 3"),
        new Refusal(
            stub ->
                stub.setTtl(
                    SetTtlRequest.newBuilder()
                        .setNamespace(name)
                        .setSelector(all)
                        .setTtlMs(-1)
                        .build()),
            "ttl_ms: 18446744073709551615, must be 0 to"),
        new Refusal(
            stub ->
                stub.setTtl(
                    SetTtlRequest.newBuilder()
                        .setNamespace(name)
                        .setSelector(all)
                        .setKindValue(9)
                        .build()),
            "kind: 9, must be 0 to 3"),
        new Refusal(
            stub ->
                stub.query(
                    QueryRequest.newBuilder()
                        .setNamespace(name)
                        .setSelector(all)
                        .setPageSize(1_001)
                        .build()),
            "page_size: 1001, must be at most 1000"),
        new Refusal(
            stub ->
                stub.query(
                    QueryRequest.newBuilder()
                        .setNamespace(name)
                        .setSelector(all)
                        .setPageToken(ByteString.copyFromUtf8("nonsense"))
                        .build()),
            "page_token: 8 bytes"));
  }

  private static Refusal delete(Namespace namespace, Selector selector, String text) {
    return new Refusal(
        stub ->
            stub.delete(
                DeleteRequest.newBuilder().setNamespace(namespace).setSelector(selector).build()),
        text);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void badRequestsAreRefusedByFieldValueAndLimit(Refusal refusal) {
    BlockControlBlockingV2Stub stub = BlockControlGrpc.newBlockingV2Stub(server.connect());
    assertThatThrownBy(() -> refusal.call().on(stub))
        .isInstanceOfSatisfying(
            StatusException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.getStatus().getDescription()).startsWith(refusal.text());
            });
  }
}
