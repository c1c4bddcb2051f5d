package io.kveik.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.kveik.bench.TraceFiles;
import io.kveik.bench.block.BlockChains;
import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.BlockName;
import io.kveik.bench.endpoint.RemoteTarget;
import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.run.StopSignal;
import io.kveik.bench.trace.TraceIndex;
import io.kveik.client.AckLevel;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.BlockScope;
import io.kveik.client.NamespaceClient;
import io.kveik.client.data.StoreItem;
import io.kveik.server.KveikServer;
import io.kveik.server.config.Configuration;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replay over the native service, against a real server in this process. */
class NativeReplayTest {
  private static final List<List<Integer>> REQUESTS = TraceFiles.randomRequests(100, 17);
  private static final int BLOCK_BYTES = 1_000;

  @TempDir Path directory;
  private KveikServer server;
  private Path trace;

  @SuppressWarnings("NullAway.Init")
  NativeReplayTest() {}

  @BeforeEach
  void setUp() throws IOException {
    Map<String, String> flags =
        Map.of(
            "port", "0",
            "admin.port", "0",
            "data-dir", directory.resolve("data").toString(),
            "dram-bytes", "64MiB",
            "shutdown.drain-millis", "200");
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    server = KveikServer.start(Configuration.of(Map.of(), Map.of(), flags), nowhere);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < REQUESTS.size(); i++) {
      String line = TraceFiles.line(0, REQUESTS.get(i));
      lines.add(i % 2 == 0 ? line : line.replace("}", ", \"stop\": \"tool_use\"}"));
    }
    trace = TraceFiles.write(directory.resolve("t.jsonl"), lines);
  }

  @AfterEach
  void tearDown() {
    server.close();
  }

  @Test
  void hitsWhatAPlainModelHitsAndTellsWhyTurnsEnded() throws Exception {
    JsonObject json = replay();
    assertThat(json.get("hits").getAsInt()).isEqualTo(TraceFiles.hitsByModel(REQUESTS));
    assertThat(json.get("wrongBytes").getAsLong()).isZero();
    assertThat(json.get("wrongBlocks").getAsLong()).isZero();
    assertThat(json.get("readMisses").getAsLong()).isZero();
    assertThat(json.get("failedHints").getAsLong()).isZero();
    assertThat(json.get("blocksWritten").getAsInt())
        .isEqualTo(4 * json.get("uniqueIds").getAsInt());
    long told = 0;
    for (int i = 1; i < REQUESTS.size(); i += 2) {
      told += REQUESTS.get(i).isEmpty() ? 0 : 1;
    }
    assertThat(told).isPositive();
    assertThat(turns("tool_use")).isEqualTo(told);
    assertThat(turns("end_turn")).isZero();
  }

  @Test
  void countsWrongBytes() throws Exception {
    // The trace's first block, with other bytes than it has to have.
    ReplayPlan plan = plan();
    TraceIndex index = TraceIndex.scan(trace, Long.MAX_VALUE);
    BlockChains blocks = BlockChains.ofTrie(index.trie());
    Prompt prompt = new Prompt(blocks, BlockChains.ofNodes(new int[] {0}));
    BlockName first = prompt.name(0);
    byte[] id = ByteBuffer.allocate(32).putLong(first.label()).array();
    try (BlockClient client = BlockClient.connect(BlockClientOptions.of(address()));
        NamespaceClient namespace =
            client.open(
                new BlockNamespace(plan.scope(), BlockModel.of("replay", BlockContent.TOKENS)));
        Arena arena = Arena.ofConfined()) {
      MemorySegment zeros = arena.allocate(BLOCK_BYTES);
      namespace.store(List.of(StoreItem.of(id, new byte[0], BlockContent.TOKENS, zeros)));
    }
    JsonObject json = replay();
    assertThat(json.get("wrongBlocks").getAsLong()).isPositive();
    // Random bytes equal zero once in 256.
    assertThat(json.get("wrongBytes").getAsLong()).isBetween(900L, 1_000L * REQUESTS.size());
  }

  private JsonObject replay() throws Exception {
    ReplayPlan plan = plan();
    TraceIndex index = TraceIndex.scan(trace, Long.MAX_VALUE);
    ReplayResult result = new Replay(plan, index).run(address(), new StopSignal());
    assertThat(result.failure()).isEmpty();
    RemoteTarget target = new RemoteTarget(address());
    return new ReplayReport(
            result, target.description(), RunFigures.since(target.figures(), target.figures()))
        .toJson();
  }

  private ReplayPlan plan() {
    return new ReplayPlan(
        trace,
        Long.MAX_VALUE,
        ReplayWire.NATIVE,
        new BlockScope("r", "c", "p"),
        BLOCK_BYTES,
        1,
        8,
        0,
        AckLevel.MEMORY);
  }

  private String address() {
    return "127.0.0.1:" + server.port();
  }

  private long turns(String end) throws Exception {
    URI metrics = URI.create("http://127.0.0.1:" + server.adminPort().orElseThrow() + "/metrics");
    try (HttpClient http = HttpClient.newHttpClient()) {
      String text =
          http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      return text.lines()
          .filter(line -> line.startsWith("kveik_turns") && line.contains("\"" + end + "\""))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
          .sum();
    }
  }
}
