package io.kveik.bench.peer;

import io.kveik.bench.store.ObjectStore;
import io.kveik.bench.store.Protocol;
import io.kveik.bench.store.StoreAddress;
import io.kveik.server.cli.Terminal;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Starts Azurite, the emulator of Azure Blob Storage, in memory and over TCP. What is not in PATH
 * as azurite-blob is installed once through npm, below the user's cache directory. Stateless.
 */
final class AzuriteServer {
  private static final String PROGRAM = "azurite-blob";
  private static final String VERSION = "3.37.0";
  private static final long INSTALL_LIMIT_SECONDS = 300;

  private AzuriteServer() {}

  static void check() {
    if (Programs.find(PROGRAM).isEmpty()) {
      String install = "apt-get install nodejs npm, or https://nodejs.org";
      Programs.need("node", install);
      Programs.need("npm", install);
    }
  }

  static Peer start(PeerSettings settings, Path directory) throws IOException {
    int port = Listening.freePort();
    List<String> command = new ArrayList<>(program());
    command.addAll(List.of("--blobHost", Listening.LOOPBACK, "--blobPort", "" + port));
    command.addAll(List.of("--inMemoryPersistence", "--silent", "--skipApiVersionCheck"));
    long memoryMib = settings.memoryBytes() / PeerSettings.MIB;
    command.addAll(List.of("--extentMemoryLimit", Long.toString(memoryMib)));
    ChildProcess process = ChildProcess.start("azurite", command, directory);
    String container = "http://%s:%d/devstoreaccount1/kveik".formatted(Listening.LOOPBACK, port);
    process.awaitServing(() -> ObjectStore.createContainer(container));
    return new Peer(PeerKind.OBJECT, process, new StoreAddress(Protocol.OBJECT, container));
  }

  /** The command without arguments: one process, so that its CPU time is all there is. */
  private static List<String> program() throws IOException {
    Optional<Path> installed = Programs.find(PROGRAM);
    if (installed.isPresent()) {
      return List.of(installed.get().toString());
    }
    Path home = cache().resolve("azurite-" + VERSION);
    Path main = home.resolve("node_modules/azurite/dist/src/blob/main.js");
    if (!Files.isRegularFile(main)) {
      install(home);
    }
    return List.of(Programs.need("node", "https://nodejs.org").toString(), main.toString());
  }

  private static Path cache() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path caches =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return caches.resolve("kveik");
  }

  /** Installs beside the place and moves, so that an interrupted install is never taken for one. */
  private static void install(Path home) throws IOException {
    check();
    System.err.println(Terminal.safe("installing azurite " + VERSION + " into " + home + " ..."));
    Files.createDirectories(home.getParent());
    Path fresh = Files.createTempDirectory(home.getParent(), "installing-");
    Path log = fresh.resolve("npm.log");
    String npm = Programs.need("npm", "https://nodejs.org").toString();
    List<String> command = new ArrayList<>(List.of(npm, "install", "--no-fund", "--no-audit"));
    command.addAll(List.of("--prefix", fresh.toString(), "azurite@" + VERSION));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(log.toFile()))
            .start();
    try {
      if (!process.waitFor(INSTALL_LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("npm can't install azurite; what it said is in " + log);
      }
      Files.move(fresh, home);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while npm installed azurite", e);
    } finally {
      process.destroy();
    }
  }
}
