package io.kveik.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.server.KveikServer;
import io.kveik.server.config.Configuration;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./kveik tiers} against a real server. */
final class TiersCommandTest {
  private static final int BLOCKS = 40;
  private static final int BLOCK_BYTES = 64 * 1024;

  @TempDir private Path directory;

  /** DRAM for about 30 blocks, so that some of what was written is only below. */
  private KveikServer serve() throws IOException {
    Map<String, String> flags =
        Map.of(
            "port", "0",
            "admin.port", "0",
            "disable-metrics", "true",
            "dram-bytes", "2MiB",
            "fs-bytes", "64MiB",
            "ack", "shared",
            "data-dir", directory.toString());
    return KveikServer.start(
        Configuration.of(Map.of(), Map.of(), flags),
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
  }

  @Test
  void aTierWithACodecSaysWhatItSaved() throws IOException {
    Map<String, String> flags =
        Map.of(
            "port", "0",
            "admin.port", "0",
            "disable-metrics", "true",
            "dram-bytes", "2MiB",
            "fs-bytes", "0",
            "nvme.bytes", "64MiB",
            "nvme.codec", "lz4",
            "ack", "local",
            "data-dir", directory.toString());
    try (KveikServer server =
        KveikServer.start(
            Configuration.of(Map.of(), Map.of(), flags),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))) {
      writeAndReadAll(server);
      CommandLineRun run = CommandLineRun.of("tiers", "--admin", admin(server), "--json").ends(0);
      Map<String, String> nvme = run.rows("tiers").get(1);
      long payloadBytes = (long) BLOCKS * BLOCK_BYTES;
      assertThat(number(nvme, "payloadBytes")).isEqualTo(payloadBytes);
      // Zeroes: a record is never more than a page.
      assertThat(number(nvme, "payloadStoredBytes")).isLessThan(payloadBytes / 16);
      assertThat(number(nvme, "savedBytes"))
          .isEqualTo(payloadBytes - number(nvme, "payloadStoredBytes"));
      assertThat(number(nvme, "bytes")).isEqualTo(BLOCKS * 4096L);
      assertThat(number(nvme, "hits")).isPositive();
    }
  }

  private static void writeAndReadAll(KveikServer server) {
    BlockScope scope = new BlockScope("account", "container", "partition");
    long[] tokens = new long[BLOCKS * KveikClient.BLOCK_TOKENS];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = i;
    }
    long[] labels = ChainLabels.chain(tokens);
    ClientOptions options = ClientOptions.builder("localhost:" + server.port()).build();
    try (KveikClient client = KveikClient.connect(options)) {
      for (int i = 0; i < BLOCKS; i++) {
        long[] own =
            Arrays.copyOfRange(
                tokens, i * KveikClient.BLOCK_TOKENS, (i + 1) * KveikClient.BLOCK_TOKENS);
        ByteBuffer payload = ByteBuffer.allocate(BLOCK_BYTES);
        client.write(scope, BlockWrite.of(labels[i], i == 0 ? 0 : labels[i - 1], own, payload));
      }
      client
          .lookup(scope, tokens)
          .blocks()
          .forEach(block -> client.read(scope, block).orElseThrow().close());
    }
  }

  private static String admin(KveikServer server) {
    return "127.0.0.1:" + server.adminPort().orElseThrow();
  }

  @Test
  void everyTierHasARowWhoseFiguresAddUp() throws IOException {
    try (KveikServer server = serve()) {
      writeAndReadAll(server);
      CommandLineRun run = CommandLineRun.of("tiers", "--admin", admin(server), "--json").ends(0);
      List<Map<String, String>> rows = run.rows("tiers");
      assertThat(rows).extracting(row -> row.get("name")).containsExactly("dram", "fs");
      Map<String, String> dram = rows.get(0);
      Map<String, String> fs = rows.get(1);
      assertThat(fs.get("blocks")).isEqualTo("" + BLOCKS);
      long inDram = number(dram, "blocks");
      assertThat(inDram).isBetween(1L, (long) BLOCKS - 1);
      assertThat(number(dram, "hits") + number(fs, "hits")).isEqualTo(BLOCKS);
      assertThat(number(dram, "evictions")).isPositive();
      assertThat(Double.parseDouble(dram.get("hitShare")) + Double.parseDouble(fs.get("hitShare")))
          .isBetween(0.999, 1.001);
      assertThat(number(fs, "takenBytes")).isGreaterThanOrEqualTo((long) BLOCKS * BLOCK_BYTES);
      assertThat(Double.parseDouble(fs.get("writeAmplification"))).isBetween(1.0, 1.2);
      assertThat(number(dram, "evictionAgeMillis")).isNotNegative();
    }
  }

  @Test
  void thePersonsFormHasTheSameTiers() throws IOException {
    try (KveikServer server = serve()) {
      CommandLineRun run =
          CommandLineRun.of("tiers", "--admin", admin(server), "--watch", "1ms", "--count", "2")
              .ends(0);
      assertThat(run.out().lines().filter(line -> line.startsWith("tier "))).hasSize(2);
      assertThat(run.out().lines().filter(line -> line.startsWith("dram "))).hasSize(2);
      assertThat(run.out().lines().filter(line -> line.startsWith("fs "))).hasSize(2);
    }
  }

  @Test
  void saysWhatIsWrongWithTheAddress() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    assertThat(CommandLineRun.of("tiers", "--admin", "127.0.0.1:" + free).ends(1).err())
        .contains("nothing listens", "--admin");
    assertThat(CommandLineRun.of("tiers", "--admin", "no such host").ends(2).err())
        .contains("must be HOST:PORT");
  }

  private static long number(Map<String, String> row, String name) {
    return Long.parseLong(String.valueOf(row.get(name)));
  }
}
