package io.kveik.server.cli;

import io.kveik.client.BlockScope;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.client.KveikException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The doctor's look at the data directory, the tiers and the port, with a server or without. */
final class StorageChecks {
  private static final Duration HEALTH_LIMIT = Duration.ofSeconds(5);

  /** Room that a server needs to do anything at all. */
  private static final long LEAST_FREE_BYTES = 64L << 20;

  private final Configuration config;
  private final StorageProbe storage;
  private final Path directory;
  private final List<Finding> findings = new ArrayList<>();

  StorageChecks(Configuration config, StorageProbe storage) {
    this.config = config;
    this.storage = storage;
    this.directory = storage.dataDirectory(config).toAbsolutePath();
  }

  List<Finding> all() {
    boolean inUse = false;
    Path existing = nearestExisting(directory);
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      findings.add(
          Finding.fail(
              "data dir",
              existing == null || existing.equals(directory)
                  ? directory + " is no directory that can be written"
                  : directory + " can't be made in " + existing,
              "name another with --data-dir, or give this user the right to write there"));
    } else {
      findings.add(
          Finding.ok(
              "data dir",
              existing.equals(directory) ? directory.toString() : directory + " (new)"));
      inUse = checkStorage(existing);
    }
    findings.add(port(inUse));
    return List.copyOf(findings);
  }

  private static @Nullable Path nearestExisting(Path path) {
    Path existing = path;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing;
  }

  /** True when a server has the directory. */
  private boolean checkStorage(Path existing) {
    List<StorageProbe.Trial> trials = tryTiers(existing);
    if (trials.isEmpty()) {
      findings.add(Finding.ok("tiers", "none below DRAM"));
    }
    boolean taken = false;
    long growth = 0;
    for (StorageProbe.Trial trial : trials) {
      findings.add(finding(trial));
      if (trial.local()) {
        // How much a server's own may still grow is its to say; a full disk shows all the same.
        taken |= trial.outcome() instanceof StorageProbe.Outcome.InUse;
        growth +=
            trial.outcome() instanceof StorageProbe.Outcome.Works works
                ? Math.max(0, works.capacityBytes() - works.heldBytes())
                : 0;
      }
    }
    if (trials.stream().anyMatch(StorageProbe.Trial::local)) {
      findings.add(space(existing, growth));
    }
    return taken;
  }

  private static Finding finding(StorageProbe.Trial trial) {
    String subject = trial.tier() + " tier";
    return switch (trial.outcome()) {
      case StorageProbe.Outcome.Works(long blocks, long heldBytes, _) ->
          Finding.ok(
              subject,
              "wrote, read and deleted a block; holds %d, %s"
                  .formatted(blocks, MachineChecks.size(heldBytes)));
      case StorageProbe.Outcome.InUse() ->
          Finding.ok(subject, "in use by a server; that server is checked instead");
      case StorageProbe.Outcome.Broken(String reason) ->
          Finding.fail(
              subject,
              reason,
              trial.local()
                  ? "look at the disk, or name another --data-dir"
                  : "look at the store, and at the settings of the " + subject);
    };
  }

  /** In the directory itself where it exists; else in one beside it, which goes again. */
  private List<StorageProbe.Trial> tryTiers(Path existing) {
    if (existing.equals(directory)) {
      return storage.tryTiers(directory, config);
    }
    try {
      Path trial = Files.createTempDirectory(existing, ".kveik-doctor-");
      try {
        return storage.tryTiers(trial, config);
      } finally {
        delete(trial);
      }
    } catch (IOException e) {
      return List.of(
          new StorageProbe.Trial("local", true, new StorageProbe.Outcome.Broken(e.toString())));
    }
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (var paths = Files.walk(directory)) {
      deepestFirst = paths.sorted((a, b) -> b.compareTo(a)).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }

  private static Finding space(Path existing, long growth) {
    long free;
    String kind;
    try {
      FileStore store = Files.getFileStore(existing);
      free = store.getUsableSpace();
      kind = store.type();
    } catch (IOException e) {
      return Finding.warn("disk space", "unknown: " + e, "look at the disk");
    }
    String text = MachineChecks.size(free) + " free (" + kind + ")";
    if (growth > 0) {
      text += ", what lies there may grow by " + MachineChecks.size(growth);
    }
    String mend = "make room, or lower the tiers' sizes (--fs-bytes)";
    if (free < LEAST_FREE_BYTES) {
      return Finding.fail("disk space", text, mend);
    }
    return free < growth ? Finding.warn("disk space", text, mend) : Finding.ok("disk space", text);
  }

  private Finding port(boolean directoryInUse) {
    String host = config.text(Settings.HOST);
    int port = config.count(Settings.PORT);
    String target = host + ":" + port;
    if (port == 0) {
      return directoryInUse ? elsewhere("a free one") : Finding.ok("port", "a free one is taken");
    }
    String taken = taken(host, port);
    if (taken.isEmpty()) {
      return directoryInUse ? elsewhere(target) : Finding.ok("port", target + " is free");
    }
    String failure = lookup(target);
    if (!failure.isEmpty()) {
      return Finding.fail(
          "port",
          target + " can't be had (" + taken + "), and no Kveik answers there: " + failure,
          "take another --port, or end what has it");
    }
    return directoryInUse
        ? Finding.ok("port", target + " is served by a Kveik server, which answers lookups")
        : Finding.warn(
            "port",
            target + " is served by a Kveik server that has another data directory",
            "that one works; for a second one take another --port");
  }

  private static Finding elsewhere(String port) {
    return Finding.warn(
        "port",
        "the server that has the data directory does not listen on " + port,
        "give the doctor the flags of that server");
  }

  /** Why the port can't be had; empty when it can. */
  private static String taken(String host, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return "";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Asks for a block that nobody has. What went wrong; empty when a store answered. */
  private static String lookup(String target) {
    ClientOptions options =
        ClientOptions.builder(target).lookupDeadline(HEALTH_LIMIT).maxAttempts(1).build();
    try (KveikClient client = KveikClient.connect(options)) {
      client.lookup(
          new BlockScope("kveik", "doctor", "health"), new long[KveikClient.BLOCK_TOKENS]);
      return "";
    } catch (KveikException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
