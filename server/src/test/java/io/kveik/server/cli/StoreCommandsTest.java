package io.kveik.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.client.ChainLabels;
import io.kveik.server.KveikServer;
import io.kveik.server.config.Configuration;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** put, lookup and get against a real server; each test has a partition of its own. */
final class StoreCommandsTest {
  @TempDir private static Path serverDirectory;
  private static KveikServer server;

  @TempDir private Path directory;

  @BeforeAll
  static void start() throws IOException {
    Configuration config =
        Configuration.of(
            Map.of(),
            Map.of(),
            Map.of(
                "port", "0",
                "admin.port", "off",
                "disable-metrics", "true",
                "dram-bytes", "32MiB",
                "fs-bytes", "64MiB",
                "data-dir", serverDirectory.toString()));
    server = KveikServer.start(config, System.out);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static CommandLineRun run(String partition, String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    Collections.addAll(all, "--target", "127.0.0.1:" + server.port(), "--partition", partition);
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private static long[] sequence(int count) {
    return LongStream.range(1_000, 1_000 + count).toArray();
  }

  private static String words(long[] tokens) {
    return Arrays.stream(tokens).mapToObj(Long::toString).collect(Collectors.joining(","));
  }

  @Test
  void storedBlocksAreDescribedAndDeleted() throws IOException {
    String tokens = words(sequence(3 * 128));
    Path payload = Files.write(directory.resolve("payload"), new byte[3 * 1_000]);
    run("control", "put", "--tokens", tokens, "--payload", payload.toString()).ends(0);

    CommandLineRun query = run("control", "control", "query", "--all");
    query.ends(0);
    assertThat(query.out().lines()).hasSize(5).last().isEqualTo("3 blocks");
    CommandLineRun json = run("control", "control", "query", "--all", "--limit", "2", "--json");
    json.ends(0);
    assertThat(json.out()).contains("\"more\":true").contains("\"depth\":1");

    CommandLineRun pinned = run("control", "control", "pin", "--tokens", tokens);
    pinned.ends(0);
    assertThat(pinned.out()).startsWith("pinned 3 of 3 blocks, ");
    run("control", "control", "ttl", "1h", "--from", "LAST_USE", "--all").ends(0);
    run("control", "control", "priority", "2", "--all").ends(0);
    run("control", "control", "unpin", "--all").ends(0);
    run("control", "control", "prefetch", "--all").ends(0);
    assertThat(run("control", "control", "query", "--all").out()).contains("last use 3");

    CommandLineRun deleted =
        run("control", "control", "delete", "--tokens", words(sequence(2 * 128)), "--prefix");
    deleted.ends(0);
    assertThat(deleted.out()).startsWith("deleted 2 of 2 blocks, ");
    assertThat(run("control", "lookup", "--tokens", tokens).out())
        .startsWith("found 1 of 3 blocks");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "delete",
        "delete --all --id 00",
        "delete --id 00",
        "delete --id xyz --model m",
        "delete --all --prefix",
        "priority --all",
        "ttl --all",
      })
  void controlCommandsThatCantBeMeantAreRefused(String arguments) {
    List<String> all = new ArrayList<>(List.of("control"));
    Collections.addAll(all, arguments.split(" "));
    CommandLineRun refused = run("refused", all.toArray(String[]::new));
    refused.ends(2);
    assertThat(refused.out()).isEmpty();
  }

  @Test
  void whatIsPutIsFoundAndReadBackByteForByte() throws IOException {
    long[] tokens = sequence(3 * 128 + 17);
    Path tokensFile =
        Files.writeString(directory.resolve("tokens"), words(tokens).replace(",", "\n"));
    byte[] payload = new byte[3 * 70_001];
    new SplittableRandom(5).nextBytes(payload);
    Path payloadFile = Files.write(directory.resolve("payload"), payload);

    CommandLineRun put =
        run(
            "round-trip",
            "put",
            "--tokens-file",
            tokensFile.toString(),
            "--payload",
            payloadFile.toString(),
            "--ack",
            "memory");
    put.ends(0);
    assertThat(put.out().lines()).hasSize(3).allMatch(line -> line.contains("memory"));
    assertThat(put.out()).contains("parent 0x0000000000000000").doesNotContain("already");

    CommandLineRun again =
        run("round-trip", "put", "--tokens", words(tokens), "--payload", payloadFile.toString());
    assertThat(again.ends(0).out().lines()).allMatch(line -> line.contains("was there already"));

    Path output = directory.resolve("read");
    CommandLineRun get =
        run("round-trip", "get", "--tokens", words(tokens), "--output", output.toString());
    assertThat(get.ends(0).out()).contains("read 3 of 3 blocks");
    assertThat(output).hasBinaryContent(payload);
  }

  @Test
  void lookupTellsBlocksLocationsAndWhyItStopped() {
    long[] tokens = sequence(4 * 128);
    run("lookup", "put", "--tokens", words(Arrays.copyOf(tokens, 256))).ends(0);

    CommandLineRun text = run("lookup", "lookup", "--tokens", words(tokens)).ends(0);
    assertThat(text.out())
        .startsWith("found 2 of 4 blocks, 256 of 512 tokens")
        .contains("stopped at block 2: never stored");

    CommandLineRun run = run("lookup", "lookup", "--json", "--tokens", words(tokens)).ends(0);
    Map<String, Object> json = run.json();
    assertThat(json).containsEntry("found", 2).containsEntry("blocks", 4);
    assertThat(run.rows("locations").get(1))
        .containsEntry("label", StoreOptions.label(ChainLabels.chain(tokens)[1]));
    assertThat(json.get("stop")).extracting("reason").isEqualTo("never stored");
  }

  @Test
  void oneBlockIsReadByLocationAndLabel() throws IOException {
    long[] tokens = sequence(128);
    run("single", "put", "--tokens", words(tokens), "--payload-bytes", "10KiB").ends(0);
    CommandLineRun lookup = run("single", "lookup", "--json", "--tokens", words(tokens));
    Map<String, String> found = lookup.rows("locations").getFirst();
    String location = found.getOrDefault("location", "");
    String label = found.getOrDefault("label", "");
    Path output = directory.resolve("block");

    CommandLineRun get =
        run(
            "single",
            "get",
            "--json",
            "--location",
            location,
            "--label",
            label,
            "--output",
            output.toString());

    assertThat(get.ends(0).json()).containsEntry("read", 1).containsEntry("corrupt", 0);
    assertThat(output)
        .hasBinaryContent(PayloadOptions.generate(StoreOptions.parseLabel(label), 10_240));
    run("single", "get", "--location", location, "--label", "0x77").ends(GetCommand.MISS);
  }

  @Test
  void aMissEndsWithThreeAndLeavesNoFile() {
    Path output = directory.resolve("nothing");
    run("empty", "get", "--tokens", words(sequence(128)), "--output", output.toString())
        .ends(GetCommand.MISS);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void textIsTokenised() throws IOException {
    Path text =
        Files.writeString(directory.resolve("text"), "A loaf a day, said the baker. ".repeat(60));
    run("text", "put", "--text", text.toString()).ends(0);
    assertThat(run("text", "lookup", "--text", text.toString()).ends(0).out())
        .startsWith("found 4 of 4 blocks");
  }

  @Test
  void aLevelThatWasNotReachedIsAFailureSaidAloud() {
    CommandLineRun shared =
        run("ack", "put", "--json", "--tokens", words(sequence(128)), "--ack", "shared").ends(0);
    assertThat(shared.rows("blocks").getFirst()).containsEntry("ack", "shared");
  }

  @Test
  void binaryIsNotWrittenToATerminal() {
    System.setProperty("kveik.stdout.terminal", "true");
    try {
      CommandLineRun get = run("tty", "get", "--tokens", words(sequence(128)), "--output", "-");
      assertThat(get.ends(2).err()).contains("standard output is a terminal");
      run("tty", "get", "--tokens", words(sequence(128)), "--output", "-", "--force")
          .ends(GetCommand.MISS);
    } finally {
      System.clearProperty("kveik.stdout.terminal");
    }
  }

  @Test
  void aServerThatIsNotThereIsOneLine() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    CommandLineRun lookup =
        CommandLineRun.of(
            "lookup", "--target", "127.0.0.1:" + port, "--tokens", words(sequence(128)));
    assertThat(lookup.ends(1).err())
        .isEqualToIgnoringNewLines(
            "kveik lookup: no server answers at 127.0.0.1:%d; start one with: ./kveik server --port %d"
                .formatted(port, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--tokens 1,2,x",
        "--tokens -1",
        "--tokens 99999999999999999999",
        "--tokens 1,2,3",
        "--tokens ,",
        "--tokens-file /does/not/exist",
        "--tokens 1 --text -",
        "--timeout 0s --tokens 1",
        "--timeout never --tokens 1",
        "--target nowhere",
        "--priority 4",
        "--ack disk",
        "--payload-bytes 0",
        "--ttl 400d",
      })
  void badArgumentsEndWithTwo(String arguments) {
    List<String> all = new ArrayList<>(List.of("put"));
    Collections.addAll(all, arguments.split(" "));
    if (!arguments.contains("--t")
        || arguments.contains("--ttl")
        || arguments.contains("--target")) {
      Collections.addAll(all, "--tokens", words(sequence(128)));
    }
    CommandLineRun put = CommandLineRun.of(all.toArray(String[]::new)).ends(2);
    assertThat(put.err()).startsWith("kveik put: ");
  }

  @Test
  void aPayloadThatCantBeSharedEvenlyIsRefused() throws IOException {
    Path payload = Files.write(directory.resolve("odd"), new byte[5]);
    CommandLineRun put =
        run("odd", "put", "--tokens", words(sequence(256)), "--payload", payload.toString());
    assertThat(put.ends(2).err()).contains("5 bytes, which 2 blocks can't share evenly");
  }

  @Test
  void namesThatTheServerRefusesAreWrongUsage() {
    CommandLineRun lookup =
        CommandLineRun.of(
            "lookup",
            "--target",
            "127.0.0.1:" + server.port(),
            "--container",
            "no/such\u001b[31m",
            "--tokens",
            words(sequence(128)));
    assertThat(lookup.code()).isNotZero();
    assertThat(lookup.err()).contains("container_name").doesNotContain("\u001b");
  }
}
