package io.kveik.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.kveik.bench.MemoryStore;
import io.kveik.bench.TraceFiles;
import io.kveik.bench.endpoint.RemoteTarget;
import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.report.Style;
import io.kveik.bench.run.StopSignal;
import io.kveik.bench.trace.TraceIndex;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;
import io.kveik.wire.v1.PromptChunk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayTest {
  private static final List<List<Integer>> REQUESTS = TraceFiles.randomRequests(200, 11);
  private static final int ACCESSES = REQUESTS.stream().mapToInt(List::size).sum();

  @TempDir Path directory;
  private MemoryStore store;
  private Path trace;

  @SuppressWarnings("NullAway.Init")
  ReplayTest() {}

  @BeforeEach
  void setUp() throws IOException {
    store = new MemoryStore();
    trace =
        TraceFiles.write(
            directory.resolve("t.jsonl.gz"),
            REQUESTS.stream().map(ids -> TraceFiles.line(0, ids)).toList());
  }

  @AfterEach
  void tearDown() {
    store.close();
  }

  @ParameterizedTest
  @CsvSource({"16, 1, 1", "1000, 1, 8", "1024, 1, 3", "70000, 1, 2"})
  void hitsWhatAPlainModelHits(int blockBytes, int clients, int window) throws Exception {
    JsonObject json = replay(plan(blockBytes, clients, window));
    assertThat(json.get("hits").getAsInt()).isEqualTo(TraceFiles.hitsByModel(REQUESTS));
    assertThat(json.get("accesses").getAsInt()).isEqualTo(ACCESSES);
    assertThat(json.get("requests").getAsInt()).isEqualTo(REQUESTS.size());
    assertThat(json.get("complete").getAsBoolean()).isTrue();
    assertThat(json.get("wrongBytes").getAsLong()).isZero();
    assertThat(json.get("readMisses").getAsLong()).isZero();
    assertThat(json.get("blocksWritten").getAsInt())
        .isEqualTo(4 * json.get("uniqueIds").getAsInt())
        .isEqualTo(store.size());
    long tokens = json.get("tokensRestored").getAsLong() + json.get("tokensComputed").getAsLong();
    assertThat(tokens).isEqualTo(512L * ACCESSES);
    JsonObject latencies = json.getAsJsonObject("latencyMicros");
    assertThat(latencies.getAsJsonObject("write").get("count").getAsInt()).isEqualTo(store.size());
    assertThat(latencies.getAsJsonObject("read").get("p99").getAsDouble()).isPositive();
    assertThat(json.getAsJsonObject("throughput").get("requestsPerSecond").getAsDouble())
        .isPositive();
    assertThat(json.getAsJsonObject("memory").get("clientResidentBytes").getAsLong()).isPositive();
  }

  @Test
  void manyClientsLoseFewHits() throws Exception {
    JsonObject json = replay(plan(64, 8, 4));
    assertThat(json.get("wrongBytes").getAsLong()).isZero();
    assertThat(json.get("hits").getAsInt())
        .isBetween(TraceFiles.hitsByModel(REQUESTS) - 8 * 10, TraceFiles.hitsByModel(REQUESTS));
  }

  @Test
  void aSecondReplayOfOnePartitionHitsAll() throws Exception {
    ReplayPlan plan = plan(64, 2, 4);
    replay(plan);
    JsonObject again = replay(plan);
    assertThat(again.get("hits").getAsInt()).isEqualTo(ACCESSES);
    assertThat(again.get("blocksWritten").getAsInt()).isZero();
  }

  @Test
  void countsWrongBytes() throws Exception {
    ReplayPlan plan = plan(1024, 1, 4);
    replay(plan);
    AtomicInteger reads = new AtomicInteger();
    store.onRead(chunk ->
        Optional.of(
            reads.getAndIncrement() == 7
                ? chunk.toBuilder().setBuffer(flipped(chunk.getBuffer(), 500, 1023)).build()
                : chunk));
    ReplayResult result = run(plan);
    JsonObject json = report(result).toJson();
    assertThat(json.get("wrongBytes").getAsLong()).isEqualTo(2);
    assertThat(json.get("wrongBlocks").getAsLong()).isEqualTo(1);
    assertThat(json.get("hits").getAsInt()).isLessThan(ACCESSES);
    assertThat(result.isGood()).isFalse();
    assertThat(report(result).toText(Style.PLAIN)).contains("wrong bytes          2, in 1 blocks");
  }

  @Test
  void countsBytesThatAreMissing() throws Exception {
    ReplayPlan plan = plan(100, 1, 4);
    replay(plan);
    AtomicInteger reads = new AtomicInteger();
    store.onRead(chunk ->
        Optional.of(
            reads.getAndIncrement() == 3
                ? chunk.toBuilder().setBuffer(chunk.getBuffer().substring(0, 90)).build()
                : chunk));
    assertThat(replay(plan).get("wrongBytes").getAsLong()).isEqualTo(10);
  }

  @Test
  void countsWrongDescriptions() throws Exception {
    ReplayPlan plan = plan(64, 1, 4);
    replay(plan);
    AtomicInteger reads = new AtomicInteger();
    store.onRead(chunk -> {
      PromptChunk.Builder changed = chunk.toBuilder();
      switch (reads.getAndIncrement()) {
        case 1 -> changed.setParentHash(chunk.getParentHash() + 1);
        case 3 -> changed.setTokens(127, 1);
        case 5 -> changed.setHash(chunk.getHash() + 1);
        default -> {}
      }
      return Optional.of(changed.build());
    });
    JsonObject json = replay(plan);
    assertThat(json.get("wrongBytes").getAsLong()).isZero();
    assertThat(json.get("wrongBlocks").getAsLong()).isEqualTo(3);
    assertThat(json.get("readMisses").getAsLong()).isZero();
  }

  @Test
  void blocksThatVanishAreMissesFromThereOn() throws Exception {
    ReplayPlan plan = plan(64, 1, 4);
    replay(plan);
    AtomicInteger reads = new AtomicInteger();
    store.onRead(chunk -> reads.getAndIncrement() == 1 ? Optional.empty() : Optional.of(chunk));
    int length = REQUESTS.stream().filter(ids -> !ids.isEmpty()).findFirst().orElseThrow().size();
    ReplayResult result = run(plan);
    JsonObject json = report(result).toJson();
    assertThat(json.get("readMisses").getAsLong()).isEqualTo(1);
    assertThat(json.get("hits").getAsInt()).isEqualTo(ACCESSES - length);
    // All from the vanished block on are written again; to this store they are nothing new.
    assertThat(json.get("alreadyPresent").getAsLong()).isEqualTo(4L * length - 1);
    assertThat(result.isGood()).isTrue();
  }

  @Test
  void endsWithTheFiguresSoFarWhenTheServerGoes() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    store.onRead(chunk -> {
      if (reads.incrementAndGet() == 20) {
        store.close();
      }
      return Optional.of(chunk);
    });
    ReplayResult result = run(plan(64, 2, 4));
    assertThat(result.failure()).isPresent();
    assertThat(result.isGood()).isFalse();
    assertThat(result.isComplete()).isFalse();
    assertThat(report(result).toText(Style.PLAIN)).contains("ended early", "failed: ");
  }

  @Test
  void endsWhenAskedTo() throws Exception {
    StopSignal stop = new StopSignal();
    AtomicInteger reads = new AtomicInteger();
    store.onRead(chunk -> {
      if (reads.incrementAndGet() == 20) {
        stop.request();
      }
      return Optional.of(chunk);
    });
    ReplayPlan plan = plan(64, 1, 4);
    ReplayResult result = new Replay(plan, index(plan)).run(store.address(), stop);
    assertThat(result.isComplete()).isFalse();
    assertThat(result.isGood()).isTrue();
  }

  @Test
  void honoursTheTimestamps() throws Exception {
    Path timed =
        TraceFiles.write(
            directory.resolve("timed.jsonl"),
            List.of(
                TraceFiles.line(0, List.of(1)),
                TraceFiles.line(1_000, List.of(2)),
                TraceFiles.line(3_000, List.of(3))));
    ReplayPlan plan =
        new ReplayPlan(
            timed,
            2,
            ReplayWire.V1,
            new BlockScope("r", "c", "p"),
            64,
            2,
            2,
            10,
            AckLevel.UNSPECIFIED);
    JsonObject json = replay(plan);
    assertThat(json.get("requests").getAsInt()).isEqualTo(2);
    assertThat(json.get("seconds").getAsDouble()).isBetween(0.1, 5.0);
  }

  private ReplayPlan plan(int blockBytes, int clients, int window) {
    return new ReplayPlan(
        trace,
        Long.MAX_VALUE,
        ReplayWire.V1,
        new BlockScope("r", "c", "p"),
        blockBytes,
        clients,
        window,
        0,
        AckLevel.UNSPECIFIED);
  }

  private JsonObject replay(ReplayPlan plan) throws Exception {
    ReplayResult result = run(plan);
    assertThat(result.failure()).isEmpty();
    // Through text and back, as a program would read it.
    return JsonParser.parseString(report(result).toJson().toString()).getAsJsonObject();
  }

  private ReplayResult run(ReplayPlan plan) throws Exception {
    return new Replay(plan, index(plan)).run(store.address(), new StopSignal());
  }

  private static TraceIndex index(ReplayPlan plan) throws IOException {
    return TraceIndex.scan(plan.trace(), plan.maxRequests());
  }

  private static ReplayReport report(ReplayResult result) {
    RemoteTarget target = new RemoteTarget("somewhere:1");
    return new ReplayReport(
        result, target.description(), RunFigures.since(target.figures(), target.figures()));
  }

  private static ByteString flipped(ByteString bytes, int... places) {
    byte[] copy = bytes.toByteArray();
    for (int place : places) {
      copy[place] ^= 1;
    }
    return ByteString.copyFrom(copy);
  }
}
