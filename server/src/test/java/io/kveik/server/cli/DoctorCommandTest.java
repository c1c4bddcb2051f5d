package io.kveik.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.KveikServer;
import io.kveik.server.StorageTrial;
import io.kveik.server.config.Configuration;
import io.kveik.server.tier.s3.S3TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor on directories and ports that are well, ill, and in use. */
final class DoctorCommandTest {
  @TempDir private Path directory;

  private static CommandLineRun doctor(Path dataDirectory, String... arguments) {
    List<String> all = new ArrayList<>(List.of("doctor", "--data-dir", dataDirectory.toString()));
    Collections.addAll(all, arguments);
    if (!all.contains("--dram-bytes")) {
      Collections.addAll(all, "--dram-bytes", "64MiB");
    }
    Collections.addAll(all, "--fs-bytes", "1MiB");
    return CommandLineRun.of(new StorageTrial(), all.toArray(String[]::new));
  }

  /** Verdict and text by subject. */
  private static Map<String, String> findings(CommandLineRun run) {
    Map<String, String> bySubject = new HashMap<>();
    for (Map<String, String> row : run.rows("findings")) {
      bySubject.put(
          row.getOrDefault("subject", "none"), row.get("verdict") + " " + row.get("text"));
    }
    return bySubject;
  }

  @Test
  void aGoodDirectoryIsTriedAndLeftAsItWas() throws IOException {
    CommandLineRun run = doctor(directory, "--port", "0", "--json");
    Map<String, String> findings = findings(run);
    assertThat(findings)
        .containsKeys("java", "processors", "transport", "memory", "open files", "clock")
        .containsEntry("data dir", "OK " + directory);
    assertThat(findings.get("fs tier"))
        .isEqualTo("OK wrote, read and deleted a block; holds 0, 0 B");
    assertThat(findings.get("disk space")).startsWith("OK ");
    assertThat(findings.get("port")).startsWith("OK ");
    run.ends(0);
    try (var files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile).filter(file -> !isLock(file))).isEmpty();
    }
  }

  @Test
  void theSharedTierIsTriedToo() throws IOException {
    Path data = Files.createDirectory(directory.resolve("data"));
    String[] flags = {
      "--port",
      "0",
      "--json",
      "--object-store",
      "s3",
      "--s3-bucket",
      S3TestServer.BUCKET,
      "--s3-profile",
      S3TestServer.PROFILE,
      "--s3-credentials-file",
      S3TestServer.credentialsFile(directory).toString(),
      "--s3-endpoint",
      ""
    };
    try (S3TestServer s3 = S3TestServer.start(directory)) {
      flags[flags.length - 1] = s3.endpoint().toString();
      Map<String, String> findings = findings(doctor(data, flags).ends(0));
      assertThat(findings.get("s3 kveik tier")).startsWith("OK wrote, read and deleted a block");
      assertThat(findings.get("fs tier")).startsWith("OK ");
    }
    Map<String, String> findings = findings(doctor(data, flags).ends(1));
    assertThat(findings.get("s3 kveik tier")).startsWith("FAIL writing a block: ");
    assertThat(data.resolve("secret.key")).doesNotExist();
  }

  @Test
  void aSharedTierThatCanNotBeMadeSaysWhichSettingIsWrong() {
    Map<String, String> findings =
        findings(doctor(directory, "--port", "0", "--json", "--object-store", "s3").ends(1));
    assertThat(findings.get("s3 tier")).startsWith("FAIL s3.bucket: ''");
  }

  private static boolean isLock(Path file) {
    return file.getFileName().toString().contains("lock");
  }

  @Test
  void aDirectoryThatIsNotThereYetIsNotMade() {
    Path absent = directory.resolve("a/b");
    assertThat(doctor(absent, "--port", "0").ends(0).out())
        .contains(absent + " (new)", "wrote, read and deleted a block");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void whatIsNoDirectoryFailsAndSaysHowToMend() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    CommandLineRun run = doctor(file, "--port", "0");
    assertThat(run.ends(1).out().lines())
        .anyMatch(line -> line.startsWith("FAIL") && line.contains("data dir"))
        .anyMatch(line -> line.contains("mend: ") && line.contains("--data-dir"));
    doctor(file.resolve("below"), "--port", "0").ends(1);
  }

  @Test
  void aRunningServerIsRecognisedAndCheckedInstead() throws IOException {
    try (KveikServer server = serve(directory)) {
      Map<String, String> own =
          findings(doctor(directory, "--json", "--port", "" + server.port()).ends(0));
      assertThat(own.get("fs tier")).startsWith("OK in use by a server");
      assertThat(own.get("port")).startsWith("OK ").contains("answers lookups");

      Map<String, String> misdirected =
          findings(doctor(directory, "--json", "--port", "0").ends(0));
      assertThat(misdirected.get("port")).startsWith("WARN ");

      Path other = Files.createDirectory(directory.resolve("other"));
      Map<String, String> second =
          findings(doctor(other, "--json", "--port", "" + server.port()).ends(0));
      assertThat(second.get("port")).startsWith("WARN ").contains("another data directory");
    }
  }

  private static KveikServer serve(Path directory) throws IOException {
    Map<String, String> flags = new HashMap<>();
    flags.put("port", "0");
    flags.put("admin.port", "off");
    flags.put("disable-metrics", "true");
    flags.put("dram-bytes", "8MiB");
    flags.put("data-dir", directory.toString());
    return KveikServer.start(Configuration.of(Map.of(), Map.of(), flags), System.out);
  }

  @Test
  void aPortThatSomethingElseHasFails() throws IOException {
    try (ServerSocket stranger = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> closeEveryCaller(stranger));
      CommandLineRun run = doctor(directory, "--port", "" + stranger.getLocalPort());
      assertThat(run.ends(1).out().lines())
          .anyMatch(line -> line.startsWith("FAIL") && line.contains("no Kveik answers"));
    }
  }

  private static void closeEveryCaller(ServerSocket socket) {
    try {
      while (true) {
        socket.accept().close();
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Test
  void moreMemoryThanThereIsFails() {
    CommandLineRun run = doctor(directory, "--port", "0", "--dram-bytes", "64TiB");
    assertThat(run.ends(1).out().lines())
        .anyMatch(line -> line.startsWith("FAIL") && line.contains("memory"));
  }

  @Test
  void sizesReadWell() {
    assertThat(Arrays.asList(0L, 1_023L, 1_536L, 10L << 30).stream().map(MachineChecks::size))
        .containsExactly("0 B", "1023 B", "1.5 KiB", "10.0 GiB");
  }
}
