package io.kveik.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
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
    int exit = bench("mixed " + TINY + " --json - --csv " + csv);
    assertThat(err.toString()).contains("mixed: 40 blocks", "a server of its own", "server CPU");
    assertThat(exit).isZero();
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertClean(json, "lookup", "readBlock", "write");
    assertThat(json.get("serverCpuSecondsPerGigabyte").getAsDouble()).isPositive();
    assertThat(json.getAsJsonObject("memory").get("serverResidentBytes").getAsLong()).isPositive();
    assertThat(Files.readAllLines(csv))
        .hasSize(4)
        .allMatch(line -> line.split(",", -1).length == 18);
  }

  @Test
  void readsBlocks() throws IOException {
    JsonObject json = runInProcess("read");
    assertClean(json, "readBlock");
    assertThat(json.get("gigabytesPerSecond").getAsDouble()).isPositive();
    assertThat(json.get("misses").getAsLong()).isZero();
  }

  @Test
  void readsStreams() throws IOException {
    JsonObject json = runInProcess("read --streaming");
    assertClean(json, "readStream");
    long streams = count(json, "readStream");
    assertThat(json.get("blocksRead").getAsLong()).isEqualTo(5 * streams);
    assertThat(json.getAsJsonObject("latencyMicros").has("readBlock")).isTrue();
  }

  @Test
  void looksUpChains() throws IOException {
    JsonObject json = runInProcess("lookup");
    assertClean(json, "lookup");
    assertThat(json.get("misses").getAsLong()).isZero();
    assertThat(json.get("blocksRead").getAsLong()).isZero();
  }

  /** The in-process server does not say what level it has reached. */
  @Test
  void writesNewBlocksAndCountsShortAcks() throws IOException {
    JsonObject json = runInProcess("write --ack=local");
    assertClean(json, "write");
    assertThat(json.get("alreadyPresent").getAsLong()).isZero();
    assertThat(json.get("blocksWritten").getAsLong()).isEqualTo(count(json, "write"));
    assertThat(json.get("shortAcks").getAsLong()).isEqualTo(count(json, "write"));
  }

  @Test
  void exits1WhenBlocksAreWrong() throws IOException {
    try (MemoryStore store = new MemoryStore()) {
      store.onRead(chunk -> Optional.of(withoutFirstByte(chunk)));
      assertThat(bench("read " + TINY + " --json - --target " + store.address())).isEqualTo(1);
    }
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertThat(json.get("wrongBlocks").getAsLong()).isEqualTo(count(json, "readBlock"));
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
        "sweep",
        "read --block-bytes=15",
        "read --block-bytes=65MiB",
        "read --blocks=0",
        "read --chain=0",
        "read --concurrency=0",
        "read --seconds=0",
        "read --warmup=-1",
        "read --concurrency=1024 --block-bytes=64MiB",
        "read --ack=memory",
        "write --streaming",
        "write --ack=maybe",
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
      int exit = bench(command + " " + TINY + " --json - --target " + store.address());
      assertThat(err.toString()).doesNotContain("failed", "ended early");
      assertThat(exit).isZero();
      return JsonParser.parseString(out.toString()).getAsJsonObject();
    }
  }

  private static void assertClean(JsonObject json, String... operations) {
    assertThat(json.get("complete").getAsBoolean()).isTrue();
    assertThat(json.get("errors").getAsLong()).isZero();
    assertThat(json.get("wrongBlocks").getAsLong()).isZero();
    assertThat(json.get("opsPerSecond").getAsDouble()).isPositive();
    assertThat(json.getAsJsonObject("plan").get("blocks").getAsInt()).isEqualTo(40);
    assertThat(json.getAsJsonObject("operations").keySet()).containsExactly(operations);
    for (String operation : operations) {
      assertThat(count(json, operation)).isPositive();
      assertThat(json.getAsJsonObject("latencyMicros").getAsJsonObject(operation).keySet())
          .contains("p50", "p90", "p99", "p999", "max");
    }
  }

  private static long count(JsonObject json, String operation) {
    return json.getAsJsonObject("operations").getAsJsonObject(operation).get("count").getAsLong();
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
