package io.kveik.server.tier.azure;

import io.kveik.server.Programs;
import io.kveik.server.tier.object.BlobContainer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * A real Azurite, the emulator of Azure Blob Storage, in memory, as a child process that ends with
 * this one. Installed through npm below {@code target} unless it is in PATH or in Kveik's cache;
 * where there is no npm, tests that need it are skipped and say so.
 */
public final class Azurite implements AutoCloseable {
  public static final String ACCOUNT = "kveiktest";
  public static final String KEY =
      Base64.getEncoder()
          .encodeToString(
              "a key that only tests use, not a secret".getBytes(StandardCharsets.UTF_8));

  private static final String VERSION = "3.37.0";
  private static final Path MAIN = Path.of("node_modules/azurite/dist/src/blob/main.js");
  private static final Pattern LISTENS = Pattern.compile("listens on (https?://[0-9.:]+)");
  private static final Pattern ACCESS = Pattern.compile("^([0-9.]+) - - \\[.*\"[A-Z]+ ");
  private static final AtomicInteger CONTAINERS = new AtomicInteger();

  private final Process process;
  private final Thread hook;
  private final List<String> clients = new ArrayList<>();
  private final URI address;

  private Azurite(Process process) throws Exception {
    this.process = process;
    this.hook = new Thread(process::destroy, "end-of-azurite");
    Runtime.getRuntime().addShutdownHook(hook);
    CompletableFuture<URI> listening = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("output-of-azurite").start(() -> read(listening));
    this.address = listening.get(60, TimeUnit.SECONDS);
  }

  /** On a free port. */
  public static Azurite http() throws Exception {
    return http(0);
  }

  public static Azurite http(int port) throws Exception {
    return start(port, List.of());
  }

  /** The server's own certificate and key are in a PKCS#12 file. */
  static Azurite https(Path identity, String password) throws Exception {
    return start(0, List.of("--cert", identity.toString(), "--pwd", password));
  }

  private static Azurite start(int port, List<String> more) throws Exception {
    List<String> command = new ArrayList<>(List.of("node", installed().toString()));
    command.addAll(List.of("--blobHost", "127.0.0.1", "--blobPort", "" + port));
    // Its telemetry asks cloud hosts who they are, and keeps it from ending while they don't
    // answer.
    command.addAll(List.of("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"));
    command.addAll(more);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(Files.createTempDirectory("azurite").toFile());
    builder.environment().put("AZURITE_ACCOUNTS", ACCOUNT + ":" + KEY);
    return new Azurite(builder.start());
  }

  private static Path installed() throws Exception {
    Path cached =
        Paths.get(System.getProperty("user.home"), ".cache/kveik/azurite-" + VERSION).resolve(MAIN);
    if (Files.isRegularFile(cached)) {
      return cached;
    }
    Path home = Path.of("target/azurite-" + VERSION).toAbsolutePath();
    if (!Files.isRegularFile(home.resolve(MAIN))) {
      install(home);
    }
    return home.resolve(MAIN);
  }

  private static void install(Path home) throws Exception {
    Assumptions.assumeTrue(
        runs("node") && runs("npm"), "SKIPPED: Azurite needs node and npm, which are not here");
    Files.createDirectories(home);
    Programs.run(
        Duration.ofMinutes(5),
        List.of(
            "npm",
            "install",
            "--no-fund",
            "--no-audit",
            "--prefix",
            home.toString(),
            "azurite@" + VERSION));
  }

  private static boolean runs(String program) throws InterruptedException {
    try {
      return new ProcessBuilder(program, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private void read(CompletableFuture<URI> listening) {
    List<String> said = new ArrayList<>();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher address = LISTENS.matcher(line);
        if (address.find()) {
          listening.complete(URI.create(address.group(1)));
        }
        Matcher access = ACCESS.matcher(line);
        if (access.find()) {
          synchronized (clients) {
            clients.add(access.group(1));
          }
        } else if (!listening.isDone()) {
          said.add(line);
        }
      }
    } catch (IOException e) {
      // The process has ended.
    }
    listening.completeExceptionally(new IOException("azurite did not start: " + said));
  }

  /** Where the account is. */
  public URI endpoint() {
    return address.resolve("/" + ACCOUNT);
  }

  public int port() {
    return address.getPort();
  }

  /** A container that no one has used yet, and that is not made yet. */
  public BlobContainer newContainer() {
    return new BlobContainer(ACCOUNT, endpoint(), "test-" + CONTAINERS.incrementAndGet());
  }

  /** The client address of each request so far, as the server logged it. */
  List<String> clients() {
    synchronized (clients) {
      return List.copyOf(clients);
    }
  }

  @Override
  public void close() {
    // It has nothing to save, and in order it would first wait for its connections to end.
    process.destroyForcibly();
    process.onExit().join();
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
