package io.kveik.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command as a user meets it, most of it with a real server as a child process. */
class ReplayCommandTest {
  private static final List<List<Integer>> REQUESTS = TraceFiles.randomRequests(100, 5);

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void replaysAgainstAServerOfItsOwn() throws IOException {
    int exit = replay(trace().toString(), "--block-bytes", "1KiB", "--json", "-");
    assertThat(err.toString()).contains("block hit ratio", "a server of its own");
    assertThat(exit).isZero();
    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertThat(json.get("hits").getAsInt()).isEqualTo(TraceFiles.hitsByModel(REQUESTS));
    assertThat(json.get("wrongBytes").getAsLong()).isZero();
    assertThat(json.get("serverCpuSeconds").getAsDouble()).isPositive();
  }

  @Test
  void aSmallServerForgets() throws IOException {
    Path json = directory.resolve("figures.json");
    int exit =
        replay(
            trace().toString(),
            "--block-bytes=1024",
            "--capacity=25%",
            "--clients=3",
            "--write-window=2",
            "--ack=memory",
            "--json=" + json);
    assertThat(err.toString()).isEmpty();
    assertThat(exit).isZero();
    JsonObject figures = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
    assertThat(figures.get("hits").getAsInt()).isLessThan(TraceFiles.hitsByModel(REQUESTS));
    assertThat(figures.get("wrongBytes").getAsLong()).isZero();
  }

  @Test
  void exits1WhenBytesAreWrong() throws IOException {
    try (MemoryStore store = new MemoryStore()) {
      String trace = trace().toString();
      assertThat(replay(trace, "--target", store.address(), "--partition", "p")).isZero();
      store.onRead(chunk ->
          Optional.of(chunk.toBuilder().setBuffer(chunk.getBuffer().substring(1)).build()));
      assertThat(replay(trace, "--target", store.address(), "--partition", "p")).isEqualTo(1);
    }
  }

  @Test
  void exits1WhenTheServerIsNotThere() throws IOException {
    assertThat(replay(trace().toString(), "--target", "127.0.0.1:1")).isEqualTo(1);
    assertThat(out.toString()).contains("ended early", "UNAVAILABLE");
  }

  @Test
  void exits1WhenItsServerDoesNotStart() throws IOException {
    assertThat(replay(trace().toString(), "--server-arg=--no-such-flag")).isEqualTo(1);
    assertThat(err.toString()).contains("ended with exit code 2");
  }

  @Test
  void saysWhereTracesComeFrom() {
    assertThat(replay("nowhere\u001b[2J.jsonl")).isEqualTo(2);
    assertThat(err.toString())
        .contains("can't read a trace at nowhere?[2J.jsonl", "kvcache-ai/Mooncake")
        .doesNotContain("\u001b");
  }

  @Test
  void namesTheBadLine() throws IOException {
    Path bad = Files.writeString(directory.resolve("bad.jsonl"), "{}\n");
    assertThat(replay(bad.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("bad.jsonl: line 1: timestamp is missing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--block-bytes=15",
        "--block-bytes=65MiB",
        "--block-bytes=many",
        "--clients=0",
        "--write-window=0",
        "--limit=0",
        "--speed=-1",
        "--speed=NaN",
        "--capacity=0%",
        "--capacity=101%",
        "--ack=maybe",
        "--json=/no/such/directory/f.json",
        "--capacity=10% --target=h:1",
        "--capacity=10% --dram-bytes=1GiB",
        "--fs-bytes=1GiB --target=h:1",
        "--clients=1024 --write-window=1024 --block-bytes=64MiB"
      })
  void exits2OnUsage(String options) throws IOException {
    String[] arguments = (trace() + " " + options).split(" ");
    assertThat(replay(arguments)).isEqualTo(2);
    assertThat(err.toString()).isNotBlank();
  }

  private Path trace() throws IOException {
    return TraceFiles.write(
        directory.resolve("t.jsonl.gz"),
        REQUESTS.stream().map(ids -> TraceFiles.line(0, ids)).toList());
  }

  private int replay(String... arguments) {
    return new CommandLine(new ReplayCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
