package io.kveik.server;

import io.kveik.server.cli.StorageProbe.Outcome;
import io.kveik.server.cli.StorageProbe.Trial;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.ObjectSettings;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.telemetry.Meters;
import io.kveik.server.tenant.Account;
import io.kveik.server.tenant.AccountResolver;
import io.kveik.server.tenant.Namespaces;
import io.kveik.server.tier.TierUsage;
import io.kveik.server.tier.object.BlobContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The doctor's way to the shared tier: a block through each account that is known before a request
 * names one, in a container of the doctor's own.
 */
final class SharedStorageTrial {
  private static final String CONTAINER = "kveik-doctor";

  private final Configuration config;
  private final Clock clock;

  SharedStorageTrial(Configuration config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  /** Empty without a shared tier. */
  List<Trial> all() {
    String store = config.text(ObjectSettings.STORE);
    if (store.equals("none")) {
      return List.of();
    }
    try {
      // For keys of this trial alone: a data directory's secret is its server's to make.
      Path secrets = Files.createTempDirectory("kveik-doctor-");
      try {
        return tryAccounts(store, secrets);
      } finally {
        delete(secrets);
      }
    } catch (IOException | ConfigException e) {
      return List.of(new Trial(store, false, new Outcome.Broken(String.valueOf(e.getMessage()))));
    }
  }

  private List<Trial> tryAccounts(String store, Path secrets) throws IOException {
    AccountResolver accounts = Wiring.accounts(config);
    Namespaces namespaces = Wiring.namespaces(config, accounts, secrets);
    try (Meters unseen = new Meters("", "");
        Scheduler scheduler = Scheduler.system("doctor-timer")) {
      Optional<ObjectStorage> opened =
          ObjectWiring.open(config, accounts, namespaces, unseen, scheduler, clock);
      if (opened.isEmpty()) {
        return List.of();
      }
      List<Trial> trials = new ArrayList<>();
      try (var tier = opened.get().tier()) {
        for (BlobContainer probe : opened.get().probes()) {
          trials.add(
              namespaces
                  .v1(resource(probe, accounts), CONTAINER, "")
                  .map(keys -> {
                    String failure = new BlockRoundTrip(keys.fingerprint(), clock).through(tier);
                    return trial(store, probe, failure, tier.usage());
                  })
                  .orElseGet(() -> trial(store, probe, "no such account", tier.usage())));
        }
      }
      return trials;
    }
  }

  /** S3 has one endpoint for all accounts, and any of them will do. */
  private static String resource(BlobContainer probe, AccountResolver accounts) {
    return accounts.resolve(probe.account()).isPresent()
        ? probe.account()
        : accounts.known().stream().findFirst().map(Account::resourceName).orElse(probe.account());
  }

  private static Trial trial(String store, BlobContainer at, String failure, TierUsage held) {
    return new Trial(
        store + " " + at.account(),
        false,
        failure.isEmpty()
            ? new Outcome.Works(held.blocks(), held.bytes(), held.capacityBytes())
            : new Outcome.Broken(failure));
  }

  private static void delete(Path directory) throws IOException {
    List<Path> files;
    try (var listed = Files.list(directory)) {
      files = listed.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(directory);
  }
}
