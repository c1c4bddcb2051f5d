package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.kveik.wire.v1.KVStoreServiceGrpc.KVStoreServiceBlockingStub;
import io.kveik.wire.v1.LookupRequest;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.WriteRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests out of bounds are INVALID_ARGUMENT, with field, value and limit in the text; they change
 * nothing, and nobody else notices.
 */
@Timeout(30)
final class RefusedRequestTest {
  private static final String GRAMMAR = ", must be [A-Za-z0-9][A-Za-z0-9._-]{0,127}";
  private static final int MAX_TOKENS = 1_048_576;
  private static final int MAX_BLOCK_BYTES = 64 * 1024 * 1024;

  @TempDir static Path directory;
  private static RunningServer server;
  private static KVStoreServiceBlockingStub stub;
  private static Witness witness;

  /** One bad request and what is said of it. */
  record Refusal(String name, Consumer<KVStoreServiceBlockingStub> call, String text) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    // Room for a block above the limit of 64 MiB, so that it is the limit that refuses.
    server = RunningServer.start(directory, "dram-bytes=512MiB");
    stub = RunningServer.stub(server.connect()).withDeadline(null);
    witness = Witness.beside(server);
  }

  @AfterAll
  static void stop() {
    witness.close();
    server.awaitNoReaders();
    server.awaitNoCalls();
    server.close();
  }

  @ParameterizedTest
  @MethodSource({"missingFields", "namesOutOfGrammar", "valuesOutOfBounds"})
  void isRefusedWithFieldValueAndLimit(Refusal refusal) {
    assertThatThrownBy(() -> refusal.call().accept(stub))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.getStatus().getDescription()).isEqualTo(refusal.text());
            });
  }

  @Test
  void refusedWriteStoresNothing() {
    WriteRequest.Builder write = Blocks.write(77, 1_000);
    WriteRequest bad =
        write.clone().setPriority(4).setChunk(write.getChunkBuilder().setBufferCrc32C(1)).build();
    assertThatThrownBy(() -> stub.write(bad)).isInstanceOf(StatusRuntimeException.class);
    assertThat(stub.lookup(Blocks.lookup(77, 1).build()).getCachedBlocks()).isZero();
    witness.check();
  }

  @Test
  void whatIsJustWithinBoundsIsServed() {
    List<Long> tokens = Collections.nCopies(MAX_TOKENS, 1L);
    assertThat(stub.lookup(lookup().addAllTokens(tokens).build()).getSuccess()).isTrue();
    List<Long> wide = Collections.nCopies(MAX_TOKENS, Long.MAX_VALUE);
    assertThat(
            stub.lookup(lookup().addAllTokens(wide).addAllPrecomputedHashes(tokens).build())
                .getSuccess())
        .isTrue();
    for (int count : new int[] {1, 127, 129}) {
      var answer = stub.lookup(lookup().addAllTokens(Collections.nCopies(count, 1L)).build());
      assertThat(answer.getSuccess()).isTrue();
      assertThat(answer.getCachedBlocks()).isZero();
    }
    String longest = "a".repeat(128);
    assertThat(
            stub.lookup(
                    lookup()
                        .setResourceName(longest)
                        .setContainerName("0._-")
                        .setPartitionKey(longest)
                        .setCompletionId("é".repeat(256))
                        .addTokens(1)
                        .build())
                .getSuccess())
        .isTrue();
    assertThat(stub.read(Blocks.read("x".repeat(1_024)).build()).getFound()).isFalse();
    assertThat(stub.write(Blocks.write(5, 1).setPriority(3).setTtlMs(60_000).build()).getSuccess())
        .isTrue();
  }

  static List<Refusal> missingFields() {
    return List.of(
        refused(lookup().addTokens(1).clearResourceName(), "resource_name: missing"),
        refused(lookup().addTokens(1).clearContainerName(), "container_name: missing"),
        refused(lookup(), "tokens: missing"),
        refused(Blocks.read("x").clearResourceName(), "resource_name: missing"),
        refused(Blocks.read("x").clearContainerName(), "container_name: missing"),
        refused(Blocks.read(""), "location: missing"),
        refused(Blocks.write(1, 1).clearResourceName(), "resource_name: missing"),
        refused(Blocks.write(1, 1).clearContainerName(), "container_name: missing"),
        refused(Blocks.write(1, 1).clearChunk(), "chunk: missing"));
  }

  static List<Refusal> namesOutOfGrammar() {
    List<Refusal> refusals = new ArrayList<>();
    for (String name :
        List.of(".a", "-a", "_a", "..", "a/b", "../a", "a b", " ", "é", "a\u0130", "名前", "a\\b")) {
      refusals.addAll(nameRefusals(name, "'" + name + "'"));
    }
    refusals.addAll(nameRefusals("a\nb", "'a?b'"));
    refusals.addAll(nameRefusals("a\0", "'a?'"));
    refusals.addAll(nameRefusals("\u001b[31m", "'?[31m'"));
    String long129 = "a".repeat(129);
    refusals.addAll(nameRefusals(long129, "'" + "a".repeat(64) + "… (129 characters)'"));
    return refusals;
  }

  private static List<Refusal> nameRefusals(String name, String shown) {
    LookupRequest.Builder lookup = lookup().addTokens(1);
    WriteRequest.Builder write = Blocks.write(1, 1);
    WriteRequest.Builder partition = Blocks.write(1, 1);
    partition.getChunkBuilder().setPartitionKey(name);
    return List.of(
        refused(lookup.clone().setResourceName(name), "resource_name: " + shown + GRAMMAR),
        refused(lookup.clone().setContainerName(name), "container_name: " + shown + GRAMMAR),
        refused(lookup.clone().setPartitionKey(name), "partition_key: " + shown + GRAMMAR),
        refused(Blocks.read("x").setResourceName(name), "resource_name: " + shown + GRAMMAR),
        refused(Blocks.read("x").setContainerName(name), "container_name: " + shown + GRAMMAR),
        refused(write.clone().setResourceName(name), "resource_name: " + shown + GRAMMAR),
        refused(write.clone().setContainerName(name), "container_name: " + shown + GRAMMAR),
        refused(partition, "chunk.partition_key: " + shown + GRAMMAR));
  }

  static List<Refusal> valuesOutOfBounds() {
    List<Refusal> refusals = new ArrayList<>();
    refusals.add(refused(lookup().addTokens(5).addTokens(-1), "tokens[1]: -1, must be 0 or more"));
    refusals.add(
        refused(
            lookup().addAllTokens(Collections.nCopies(MAX_TOKENS + 1, 1L)),
            "tokens: 1048577 of them, must be at most 1048576"));
    refusals.add(
        refused(
            lookup().addTokens(1).addAllPrecomputedHashes(Collections.nCopies(MAX_TOKENS + 1, 1L)),
            "precomputed_hashes: 1048577 of them, must be at most 1048576"));
    refusals.add(
        refused(
            lookup().addTokens(1).setCompletionId("i".repeat(257)),
            "completion_id: 257 characters, must be at most 256"));
    refusals.add(
        refused(Blocks.read("x".repeat(1_025)), "location: 1025 characters, must be at most 1024"));
    for (int count : new int[] {0, 127, 129}) {
      refusals.add(
          refusedChunk(
              chunk -> chunk.clearTokens().addAllTokens(Collections.nCopies(count, 1L)),
              "chunk.tokens: " + count + " of them, must be exactly 128"));
    }
    refusals.add(
        refusedChunk(
            chunk -> chunk.setTokens(127, Long.MIN_VALUE),
            "chunk.tokens[127]: -9223372036854775808, must be 0 or more"));
    refusals.add(
        refusedChunk(
            PromptChunk.Builder::clearBuffer,
            "chunk.buffer: 0 bytes, must be 1 to " + MAX_BLOCK_BYTES));
    refusals.add(
        refusedChunk(
            chunk -> chunk.setBuffer(ByteString.copyFrom(new byte[65 * 1024 * 1024])),
            "chunk.buffer: 68157440 bytes, must be 1 to " + MAX_BLOCK_BYTES));
    refusals.add(
        refusedChunk(
            chunk -> chunk.setBuffer(ByteString.copyFromUtf8("123456789")).setBufferCrc32C(1),
            "chunk.buffer_crc32c: 00000001, but the buffer that arrived has e3069283"));
    refusals.add(refused(Blocks.write(1, 1).setAckLevelValue(4), "ack_level: 4, must be 0 to 3"));
    refusals.add(refused(Blocks.write(1, 1).setAckLevelValue(-1), "ack_level: -1, must be 0 to 3"));
    refusals.add(refused(Blocks.write(1, 1).setTtlMs(-1), "ttl_ms: -1, must be 0 to 31536000000"));
    refusals.add(
        refused(
            Blocks.write(1, 1).setTtlMs(31_536_000_001L),
            "ttl_ms: 31536000001, must be 0 to 31536000000"));
    refusals.add(refused(Blocks.write(1, 1).setPriority(-1), "priority: -1, must be 0 to 3"));
    refusals.add(refused(Blocks.write(1, 1).setPriority(4), "priority: 4, must be 0 to 3"));
    return refusals;
  }

  private static LookupRequest.Builder lookup() {
    return Blocks.lookup(0, 0);
  }

  private static Refusal refused(LookupRequest.Builder request, String text) {
    LookupRequest built = request.build();
    return new Refusal("Lookup " + text, s -> s.lookup(built), text);
  }

  private static Refusal refused(ReadRequest.Builder request, String text) {
    ReadRequest built = request.build();
    return new Refusal("Read " + text, s -> s.read(built), text);
  }

  private static Refusal refused(WriteRequest.Builder request, String text) {
    WriteRequest built = request.build();
    return new Refusal("Write " + text, s -> s.write(built), text);
  }

  private static Refusal refusedChunk(Consumer<PromptChunk.Builder> change, String text) {
    WriteRequest.Builder request = Blocks.write(1, 1);
    change.accept(request.getChunkBuilder());
    return refused(request, text);
  }
}
