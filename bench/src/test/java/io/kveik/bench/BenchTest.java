package io.kveik.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kveik.bench.peer.PeerKind;
import io.kveik.wire.v1.PromptChunk;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The load generator as a user meets it: mixed with a server of its own, the rest in-process. */
class BenchTest {
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void mixedAgainstAServerOfItsOwn() throws IOException {
    Path csv = directory.resolve("figures.csv");
    Path html = directory.resolve("figures.html");
    int exit = bench("mixed " + TINY + " --json - --csv " + csv + " --html " + html);
    assertThat(err.toString()).contains("mixed: 40 blocks", "a server of its own", "the original");
    assertThat(exit).isZero();
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertClean(json, "lookup", "read", "write");
    assertThat(point(json).get("serverCpuSecondsPerGigabyte").getAsDouble()).isPositive();
    assertThat(point(json).get("serverResidentBytes").getAsLong()).isPositive();
    double calls = point(json).get("callsPerSecond").getAsDouble();
    assertThat(point(json).get("iterationsPerSecond").getAsDouble()).isEqualTo(calls / 16);
    assertThat(Files.readAllLines(csv)).hasSize(4);
    assertThat(Files.readString(html)).contains("kveik.bench/1");
  }

  @Test
  void comparesItsOwnTransports() {
    int exit =
        bench(
            "read --transport tcp,v1,grpc,unix,samehost,lent --rounds 1 --verify full --json - "
                + TINY
                + " --no-limits --assert ratio.kveik_v1>0 --assert errors==0");
    assertThat(err.toString()).contains("over unix, payloads checked by the client");
    assertThat(exit).isZero();
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertClean(json, "read");
    assertThat(json.getAsJsonArray("stores"))
        .extracting(store -> store.getAsJsonObject().get("name").getAsString())
        .containsExactly(
            "kveik", "kveik_v1", "kveik_grpc", "kveik_unix", "kveik_samehost", "kveik_lent");
    assertThat(json.getAsJsonArray("ratios")).hasSize(5);
  }

  @Test
  void readsBlocks() throws IOException {
    JsonObject json = runInProcess("read --verify=full --payload=compressible");
    assertClean(json, "read");
    assertThat(point(json).get("gigabytesPerSecond").getAsDouble()).isPositive();
    assertThat(counts(json).get("misses").getAsLong()).isZero();
  }

  @Test
  void hostileClientsCostNoGoodOneACall() {
    int exit = bench("read " + TINY + " --hostile --rounds 1 --json -");
    assertThat(exit).as(err.toString()).isZero();
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertThat(json.getAsJsonArray("stores")).hasSize(2);
    JsonObject attacked = json.getAsJsonArray("stores").get(1).getAsJsonObject();
    assertThat(attacked.get("name").getAsString()).isEqualTo("kveik-attacked");
    JsonObject figures = attacked.getAsJsonArray("points").get(0).getAsJsonObject();
    assertThat(figures.get("callsPerSecond").getAsDouble()).isPositive();
    assertThat(figures.getAsJsonObject("counts").get("errors").getAsLong()).isZero();
  }

  @Test
  void readsStreams() throws IOException {
    JsonObject json = runInProcess("read --streaming");
    assertClean(json, "read", "readStream");
    assertThat(count(json, "read")).isEqualTo(5 * count(json, "readStream"));
  }

  @Test
  void looksUpChains() throws IOException {
    JsonObject json = runInProcess("lookup");
    assertClean(json, "lookup");
    assertThat(counts(json).get("misses").getAsLong()).isZero();
    assertThat(counts(json).get("blocksRead").getAsLong()).isZero();
  }

  /** The in-process server does not say what level it has reached. */
  @Test
  void writesNewBlocksAndCountsShortAcks() throws IOException {
    JsonObject json = runInProcess("write --ack=local");
    assertClean(json, "write");
    assertThat(counts(json).get("alreadyPresent").getAsLong()).isZero();
    assertThat(counts(json).get("blocksWritten").getAsLong()).isEqualTo(count(json, "write"));
    assertThat(counts(json).get("shortAcks").getAsLong()).isEqualTo(count(json, "write"));
  }

  @Test
  void openLoopKeepsAModestRate() throws IOException {
    JsonObject json = runInProcess("read --rate 50");
    assertClean(json, "read");
    assertThat(point(json).get("offered").getAsLong()).isEqualTo(50);
    assertThat(count(json, "read")).isEqualTo(50);
    assertThat(point(json).get("unserved").getAsLong()).isZero();
  }

  @Test
  void openLoopSaysThatItCantKeepAnImpossibleRate() throws IOException {
    try (MemoryStore store = new MemoryStore()) {
      bench("read --rate 10000000 " + TINY + " --transport v1 --target " + store.address());
    }
    assertThat(out.toString()).contains("kveik did not keep 10,000,000 calls/s at C=2");
  }

  @Test
  void clientProcessesAreMerged() throws IOException {
    JsonObject json = runInProcess("read --processes 2 --verify full --concurrency 3");
    assertClean(json, "read");
    assertThat(json.getAsJsonObject("plan").get("processes").getAsInt()).isEqualTo(2);
    JsonArray points =
        json.getAsJsonArray("stores").get(0).getAsJsonObject().getAsJsonArray("points");
    assertThat(points).hasSize(2);
    assertThat(counts(json).get("misses").getAsLong()).isZero();
  }

  @Test
  void aSweepMeasuresEveryConcurrencyAndTheLimits() throws IOException {
    Path file = directory.resolve("sweep.json");
    try (MemoryStore store = new MemoryStore()) {
      String sizes =
          " --block-bytes 4KiB --blocks 10 --chain 5 --seconds 1 --warmup 0 --rounds 1 --processes 2";
      assertThat(
              bench(
                  "sweep --concurrency 1,2 --json "
                      + file
                      + sizes
                      + " --transport v1 --target "
                      + store.address()))
          .isZero();
    }
    assertThat(out.toString()).contains("memcpy (limit)", "unix (limit)", "the original: 94 K");
    assertThat(bench("capacity --tokens-per-second 1M --from " + file)).isZero();
    assertThat(out.toString()).containsPattern("servers +[1-9]");
    assertThat(
            bench(
                "capacity --tokens-per-second 1M --read-p50 1s --from "
                    + file
                    + " --profile low-latency --json "
                    + directory.resolve("plan.json")))
        .isZero();
    assertThat(Files.readString(directory.resolve("plan.json"))).contains("\"servers\"");
    Path other = Files.writeString(directory.resolve("other.json"), "{\"schema\": 1}");
    assertThat(bench("capacity --tokens-per-second 1 --from " + other)).isEqualTo(2);
    assertThat(err.toString()).contains("is not the JSON of a benchmark");
  }

  @Test
  void comparesWithARealRedis() throws IOException {
    try {
      PeerKind.REDIS.check();
    } catch (IllegalArgumentException e) {
      assumeTrue(false, e.getMessage());
    }
    JsonObject json =
        runInProcess(
            "read --against redis --peer-socket unix --rounds 2 --no-limits"
                + " --assert ratio.redis>0 --assert errors==0");
    JsonArray stores = json.getAsJsonArray("stores");
    assertThat(stores).hasSize(2);
    JsonObject redis =
        stores.get(1).getAsJsonObject().getAsJsonArray("points").get(0).getAsJsonObject();
    assertThat(redis.get("serverCpuSecondsPerGigabyte").getAsDouble()).isPositive();
    assertThat(redis.get("rounds").getAsInt()).isEqualTo(2);
    JsonObject ratio = json.getAsJsonArray("ratios").get(0).getAsJsonObject();
    assertThat(ratio.get("to").getAsString()).isEqualTo("redis");
    assertThat(ratio.get("throughput").getAsDouble()).isPositive();
  }

  @Test
  void anAssertionThatFailsSetsTheExitCode() throws IOException {
    try (MemoryStore store = new MemoryStore()) {
      assertThat(
              bench(
                  "read "
                      + TINY
                      + " --assert read.p99<1ns --transport v1 --target "
                      + store.address()))
          .isEqualTo(1);
    }
    assertThat(out.toString()).contains("read.p99<1ns: FAILS, measured");
  }

  @Test
  void exits1WhenBlocksAreWrong() throws IOException {
    try (MemoryStore store = new MemoryStore()) {
      store.onRead(chunk -> Optional.of(withoutFirstByte(chunk)));
      assertThat(bench("read " + TINY + " --json - --transport v1 --target " + store.address()))
          .isEqualTo(1);
    }
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertThat(counts(json).get("wrongBlocks").getAsLong())
        .isEqualTo(count(json, "read"))
        .isPositive();
  }

  @Test
  void exits1WhenTheServerIsNotThere() {
    assertThat(bench("read --target 127.0.0.1:1")).isEqualTo(1);
    assertThat(out.toString()).contains("ended early", "UNAVAILABLE");
  }

  @Test
  void helpSaysTheMix() {
    assertThat(bench("mixed --help")).isZero();
    assertThat(out.toString()).contains("7 lookups", "6 reads", "3 writes", "Examples:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sweep --concurrency=1,x",
        "capacity",
        "capacity --from=/no/such/file --tokens-per-second=1",
        "capacity --from=/no/such/file --tokens-per-second=-1",
        "read --block-bytes=15",
        "read --block-bytes=65MiB",
        "read --blocks=0",
        "read --chain=0",
        "read --concurrency=0",
        "read --seconds=0",
        "read --warmup=-1",
        "read --warmup=soon",
        "read --concurrency=1024 --block-bytes=64MiB",
        "read --ack=memory",
        "write --streaming",
        "write --ack=maybe",
        "read --against=oracle",
        "read --transport=v0",
        "read --payload=empty",
        "read --verify=never",
        "read --rounds=0",
        "read --processes=65",
        "read --rate=-1",
        "read --html=-",
        "read --assert=read.p99<5",
        "read --assert=write.p99<5ms",
        "read --assert=ratio.redis>1",
        "read --expected-interval=2h",
        "mixed --json=- --csv=-",
        "lookup --csv=/no/such/directory/f.csv",
        "lookup --dram-bytes=1GiB --target=h:1"
      })
  void exits2OnUsage(String arguments) {
    assertThat(bench(arguments)).isEqualTo(2);
    assertThat(err.toString()).isNotBlank();
  }

  private static final String TINY =
      "--block-bytes 1KiB --blocks 38 --chain 5 --concurrency 2 --seconds 1 --warmup 0";

  private JsonObject runInProcess(String command) throws IOException {
    try (MemoryStore store = new MemoryStore()) {
      int exit =
          bench(command + " " + TINY + " --json - --transport v1 --target " + store.address());
      assertThat(err.toString()).doesNotContain("failed", "ended early");
      assertThat(exit).isZero();
      return JsonParser.parseString(out.toString()).getAsJsonObject();
    }
  }

  private static void assertClean(JsonObject json, String... operations) {
    assertThat(json.get("complete").getAsBoolean()).isTrue();
    assertThat(counts(json).get("errors").getAsLong()).isZero();
    assertThat(counts(json).get("wrongBlocks").getAsLong()).isZero();
    assertThat(point(json).get("callsPerSecond").getAsDouble()).isPositive();
    assertThat(json.getAsJsonObject("plan").get("blocks").getAsInt()).isEqualTo(40);
    JsonObject figures = point(json).getAsJsonObject("operations");
    assertThat(figures.keySet()).containsExactly(operations);
    for (String operation : operations) {
      assertThat(count(json, operation)).isPositive();
      assertThat(figures.getAsJsonObject(operation).getAsJsonObject("latencyMicros").keySet())
          .contains("p50", "p90", "p99", "p999", "max");
    }
  }

  /** The measured store's first operating point. */
  private static JsonObject point(JsonObject json) {
    JsonObject store = json.getAsJsonArray("stores").get(0).getAsJsonObject();
    return store.getAsJsonArray("points").get(0).getAsJsonObject();
  }

  private static JsonObject counts(JsonObject json) {
    return point(json).getAsJsonObject("counts");
  }

  private static long count(JsonObject json, String operation) {
    return point(json)
        .getAsJsonObject("operations")
        .getAsJsonObject(operation)
        .get("count")
        .getAsLong();
  }

  private static PromptChunk withoutFirstByte(PromptChunk chunk) {
    return chunk.toBuilder().setBuffer(chunk.getBuffer().substring(1)).build();
  }

  private int bench(String arguments) {
    return new CommandLine(new BenchCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.isEmpty() ? new String[0] : arguments.split(" "));
  }
}
