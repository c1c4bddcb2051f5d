package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.kveik.client.ChainIds;
import io.kveik.wire.nativev1.AckLevel;
import io.kveik.wire.nativev1.BlockIds;
import io.kveik.wire.nativev1.BlockRange;
import io.kveik.wire.nativev1.DescribeRequest;
import io.kveik.wire.nativev1.LoadMiss;
import io.kveik.wire.nativev1.LoadRequest;
import io.kveik.wire.nativev1.LoadResponse;
import io.kveik.wire.nativev1.MatchRequest;
import io.kveik.wire.nativev1.MatchResponse;
import io.kveik.wire.nativev1.MatchStop;
import io.kveik.wire.nativev1.Model;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.OpenSessionRequest;
import io.kveik.wire.nativev1.StoreRequest;
import io.kveik.wire.nativev1.StoreResponse;
import io.kveik.wire.nativev1.Tier;
import io.kveik.wire.nativev1.TokenBlocks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The native service through the real wire. */
@Timeout(30)
final class NativeServiceTest {
  private static final int BYTES = 100_000;

  @TempDir static Path directory;
  private static RunningServer server;
  private static NativeCalls calls;

  @BeforeAll
  static void start() throws Exception {
    server = RunningServer.start(directory, "dram-bytes=64MiB", "limits.ids=5000");
    calls = new NativeCalls(server.connect());
  }

  @AfterAll
  static void stop() {
    server.awaitNoCalls();
    server.awaitNoReaders();
    server.close();
  }

  @Test
  void matchFindsTheLongestPrefixAndSaysWhereItLies() throws Exception {
    calls.storeChain(1_000, 5, BYTES);

    MatchResponse match = calls.match(NativeCalls.ids(1_000, 8));

    assertThat(match.getMatchedBlocks()).isEqualTo(5);
    assertThat(match.getTiersList()).hasSize(1);
    assertThat(match.getTiers(0).getTier()).isEqualTo(Tier.TIER_DRAM);
    assertThat(match.getTiers(0).getBlocks()).isEqualTo(5);
    assertThat(match.getStop().getReason()).isEqualTo(MatchStop.Reason.REASON_NEVER_STORED);
    assertThat(calls.match(NativeCalls.ids(1_000, 5)).hasStop()).isFalse();
  }

  @Test
  void matchOfThousandsOfBlocksIsOneCall() throws Exception {
    calls.storeChain(50_000, 2_000, 64);
    assertThat(calls.match(NativeCalls.ids(50_000, 5_000)).getMatchedBlocks()).isEqualTo(2_000);
  }

  @Test
  void tokensAreChainedAsTheClientDoes() throws Exception {
    int[] tokens = IntStream.range(0, 16 * 3 + 5).map(i -> i * 7_919).toArray();
    List<byte[]> ids = ChainIds.of(i -> tokens[i], tokens.length, 16);
    assertThat(ids).hasSize(3);
    List<StoreRequest> blocks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      StoreRequest.Builder block =
          NativeCalls.block(i, i, 500).setId(ByteString.copyFrom(ids.get(i)));
      blocks.add(i == 0 ? block.build() : block.setParentId(blocks.get(0).getId()).build());
    }
    calls.store(blocks);

    MatchResponse match =
        calls
            .stub()
            .match(
                MatchRequest.newBuilder()
                    .setNamespace(NativeCalls.NAMESPACE)
                    .setTokens(
                        TokenBlocks.newBuilder()
                            .addAllTokens(IntStream.of(tokens).boxed().toList()))
                    .build());

    assertThat(match.getMatchedBlocks()).isEqualTo(2);
    assertThat(match.getIdsList())
        .containsExactly(ByteString.copyFrom(ids.get(0)), ByteString.copyFrom(ids.get(1)));
  }

  @ParameterizedTest
  @EnumSource(
      value = LoadRequest.Order.class,
      names = {"ORDER_REQUEST", "ORDER_READY"})
  void loadBringsEveryBlockOnce(LoadRequest.Order order) throws Exception {
    long first = 2_000 + 100L * order.getNumber();
    calls.storeChain(first, 20, BYTES);
    List<ByteString> ids = new ArrayList<>(NativeCalls.ids(first, 22));
    Collections.reverse(ids);

    List<LoadResponse> answers = calls.load(order, NativeCalls.whole(ids));

    assertThat(answers.stream().map(LoadResponse::getIndex))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 22).boxed().toList());
    if (order == LoadRequest.Order.ORDER_REQUEST) {
      assertThat(answers.stream().map(LoadResponse::getIndex)).isSorted();
    }
    for (LoadResponse answer : answers) {
      if (answer.getIndex() < 2) {
        assertThat(answer.getMiss().getReason()).isEqualTo(LoadMiss.Reason.REASON_ABSENT);
        continue;
      }
      byte[] payload = Blocks.payload(first + 21 - answer.getIndex(), BYTES);
      assertThat(answer.getBlock().getPayload().toByteArray()).isEqualTo(payload);
      assertThat(answer.getBlock().getBlockBytes()).isEqualTo(BYTES);
      assertThat(answer.getBlock().getTokenCount()).isEqualTo(16);
      assertThat(answer.getBlock().getPayloadCrc32C()).isEqualTo(crc(payload, 0, BYTES));
    }
  }

  @Test
  void loadOfPartsBringsThoseBytesAndTheirChecksum() throws Exception {
    calls.storeChain(3_000, 1, BYTES);
    byte[] payload = Blocks.payload(3_000, BYTES);
    int[][] parts = {{0, 10}, {99_990, 10}, {500, 0}, {100_000, 0}, {100_001, 0}, {99_999, 2}};
    List<BlockRange> ranges = new ArrayList<>();
    for (int[] part : parts) {
      ranges.add(
          BlockRange.newBuilder()
              .setId(NativeCalls.id(3_000))
              .setOffset(part[0])
              .setLength(part[1])
              .build());
    }

    List<LoadResponse> answers = calls.load(LoadRequest.Order.ORDER_REQUEST, ranges);

    int[] lengths = {10, 10, 99_500, 0};
    for (int i = 0; i < lengths.length; i++) {
      byte[] part = answers.get(i).getBlock().getPayload().toByteArray();
      assertThat(part).hasSize(lengths[i]);
      int from = parts[i][0];
      assertThat(part).isEqualTo(java.util.Arrays.copyOfRange(payload, from, from + lengths[i]));
      assertThat(answers.get(i).getBlock().getPayloadCrc32C())
          .isEqualTo(crc(payload, from, lengths[i]));
      assertThat(answers.get(i).getBlock().getBlockBytes()).isEqualTo(BYTES);
    }
    for (int i = lengths.length; i < parts.length; i++) {
      assertThat(answers.get(i).getMiss().getReason())
          .isEqualTo(LoadMiss.Reason.REASON_OUT_OF_RANGE);
    }
  }

  @Test
  void firstWriterWinsAndMetadataComesBack() throws Exception {
    StoreRequest first =
        NativeCalls.block(4_000, 4_000, 700).setMetadata(ByteString.copyFromUtf8("shape")).build();
    StoreRequest second =
        first.toBuilder().setPayload(ByteString.copyFrom(Blocks.payload(9, 800))).build();

    List<StoreResponse> results = calls.store(List.of(first, second));

    assertThat(results.get(0).getStatus()).isEqualTo(StoreResponse.Status.STATUS_STORED);
    assertThat(results.get(0).getAckLevel()).isEqualTo(AckLevel.ACK_LEVEL_MEMORY);
    assertThat(results.get(1).getStatus()).isEqualTo(StoreResponse.Status.STATUS_ALREADY_PRESENT);
    LoadResponse loaded =
        calls
            .load(LoadRequest.Order.ORDER_READY, NativeCalls.whole(List.of(first.getId())))
            .getFirst();
    assertThat(loaded.getBlock().getPayload()).isEqualTo(first.getPayload());
    assertThat(loaded.getBlock().getMetadata()).isEqualTo(first.getMetadata());
  }

  @Test
  void aBlockThatCantBeStoredHasItsOwnResultAndTheStreamGoesOn() throws Exception {
    StoreRequest good =
        NativeCalls.block(5_000, 5_000, 100).setAckLevel(AckLevel.ACK_LEVEL_SHARED).build();
    List<StoreRequest> blocks =
        List.of(
            good.toBuilder().setPayloadCrc32C(1).build(),
            good.toBuilder().setId(ByteString.copyFromUtf8("short")).build(),
            good.toBuilder().clearPayload().build(),
            good.toBuilder().setPriority(4).build(),
            good.toBuilder().setTtlMs(-1).build(),
            good.toBuilder().setMetadata(ByteString.copyFrom(new byte[4_097])).build(),
            good.toBuilder().setTokenCount(65_537).build(),
            good.toBuilder().setAckLevelValue(9).build(),
            good);

    List<StoreResponse> results = calls.store(blocks);

    assertThat(results.get(0).getStatus()).isEqualTo(StoreResponse.Status.STATUS_CHECKSUM_MISMATCH);
    assertThat(results.get(0).getDetail()).startsWith("payload_crc32c: 00000001, but");
    assertThat(results.subList(1, 8))
        .allSatisfy(result ->
            assertThat(result.getStatus()).isEqualTo(StoreResponse.Status.STATUS_INVALID));
    assertThat(results.subList(1, 8).stream().map(StoreResponse::getDetail))
        .containsExactly(
            "id: 5 bytes, must be 16 to 64 bytes",
            "payload: 0 bytes, must be 1 to 16773120",
            "priority: 4, must be 0 to 3",
            "ttl_ms: 18446744073709551615, must be 0 to 31536000000",
            "metadata: 4097 bytes, must be at most 4096",
            "token_count: 65537, must be at most 65536",
            "ack_level: 9, must be 0 to 3");
    assertThat(results.get(8).getStatus()).isEqualTo(StoreResponse.Status.STATUS_STORED);
    assertThat(results.get(8).getAckLevel()).isEqualTo(AckLevel.ACK_LEVEL_SHARED);
  }

  @Test
  void anotherModelIsAnotherNamespace() throws Exception {
    calls.storeChain(6_000, 1, 100);
    for (UnaryOperator<Model.Builder> change : otherModels()) {
      Namespace other =
          NativeCalls.NAMESPACE.toBuilder()
              .setModel(change.apply(NativeCalls.NAMESPACE.getModel().toBuilder()))
              .build();
      MatchResponse match =
          calls
              .stub()
              .match(
                  MatchRequest.newBuilder()
                      .setNamespace(other)
                      .setBlocks(BlockIds.newBuilder().addIds(NativeCalls.id(6_000)))
                      .build());
      assertThat(match.getMatchedBlocks()).isZero();
    }
  }

  private static List<UnaryOperator<Model.Builder>> otherModels() {
    return List.of(
        model -> model.setName("llama2"),
        model -> model.setRevision("x"),
        model -> model.setDtype("fp8"),
        model -> model.setLayout("x"),
        model -> model.setParallelism("tp=0/2"),
        model -> model.setAdapter("x"),
        model -> model.setBlockTokens(17));
  }

  @Test
  void badNamespacesAreRefusedWithFieldValueAndLimit() {
    Namespace good = NativeCalls.NAMESPACE;
    assertRefused(Namespace.getDefaultInstance(), "namespace.resource: missing");
    assertRefused(good.toBuilder().clearContainer().build(), "namespace.container: missing");
    assertRefused(
        good.toBuilder().setPartition("a/b").build(),
        "namespace.partition: 'a/b', must be [A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    assertRefused(good.toBuilder().clearModel().build(), "namespace.model.name: missing");
    assertRefused(
        good.toBuilder().setModel(good.getModel().toBuilder().setBlockTokens(0)).build(),
        "namespace.model.block_tokens: 0, must be 1 to 65536");
    assertRefused(
        good.toBuilder().setModel(good.getModel().toBuilder().setDtype("a\nb")).build(),
        "namespace.model.dtype: 'a?b', must be without control characters");
  }

  private static void assertRefused(Namespace namespace, String text) {
    assertRefused(
        MatchRequest.newBuilder()
            .setNamespace(namespace)
            .setBlocks(BlockIds.newBuilder().addIds(NativeCalls.id(1)))
            .build(),
        text);
  }

  private static void assertRefused(MatchRequest request, String text) {
    assertThatThrownBy(() -> calls.stub().match(request))
        .isInstanceOfSatisfying(
            StatusException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.getStatus().getDescription()).isEqualTo(text);
            });
  }

  @Test
  void badChainsAreRefused() {
    MatchRequest.Builder request = MatchRequest.newBuilder().setNamespace(NativeCalls.NAMESPACE);
    assertRefused(request.build(), "blocks or tokens: missing");
    assertRefused(
        request.clone().setBlocks(BlockIds.getDefaultInstance()).build(), "blocks: missing");
    assertRefused(
        request.clone().setBlocks(BlockIds.newBuilder().addIds(ByteString.EMPTY)).build(),
        "blocks[0].id: missing");
    assertRefused(
        request
            .clone()
            .setBlocks(BlockIds.newBuilder().addAllIds(NativeCalls.ids(1, 5_001)))
            .build(),
        "blocks: 5001 of them, must be at most 5000");
  }

  /** Half a million empty ranges would be fifty times larger on the heap than on the wire. */
  @Test
  void aMessageOfEmptyElementsIsRefusedBeforeItGrows() {
    List<BlockRange> empty = Collections.nCopies(40_000, BlockRange.getDefaultInstance());
    assertThatThrownBy(() -> calls.load(LoadRequest.Order.ORDER_READY, empty))
        .isInstanceOfSatisfying(
            StatusException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
  }

  /** A client that reads nothing holds a window, not all that it asked for. */
  @Test
  void aSlowReaderHoldsItsWindowOnly() throws Exception {
    calls.storeChain(7_000, 30, 1_000_000);
    List<BlockRange> ranges = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      ranges.addAll(NativeCalls.whole(NativeCalls.ids(7_000 + i % 30, 1)));
    }
    BlockingClientCall<?, LoadResponse> call =
        calls
            .stub()
            .load(
                LoadRequest.newBuilder()
                    .setNamespace(NativeCalls.NAMESPACE)
                    .setOrder(LoadRequest.Order.ORDER_READY)
                    .addAllBlocks(ranges.subList(0, 3_000))
                    .build());
    assertThat(call.read()).isNotNull();
    double held = 0;
    for (int i = 0; i < 10; i++) {
      held = Math.max(held, server.metric("kveik_grpc_unsent_bytes"));
    }
    assertThat(held).isLessThan(32_000_000);
    call.cancel("seen enough", null);
  }

  @Test
  void describesItselfAndOpensSessions() throws Exception {
    var description = calls.stub().describe(DescribeRequest.getDefaultInstance());
    assertThat(description.getMaxIdsPerCall()).isEqualTo(5_000);
    assertThat(description.getMaxBlockBytes()).isPositive();
    var session =
        calls
            .stub()
            .openSession(
                OpenSessionRequest.newBuilder().setNamespace(NativeCalls.NAMESPACE).build());
    assertThat(session.getTicket().size()).isEqualTo(32);
    assertThat(session.getExpiresInMs()).isEqualTo(60_000);
    assertThatThrownBy(() -> calls.stub().openSession(OpenSessionRequest.getDefaultInstance()))
        .hasMessageContaining("namespace.resource: missing");
  }

  private static int crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
