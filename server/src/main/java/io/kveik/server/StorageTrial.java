package io.kveik.server;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cli.StorageProbe;
import io.kveik.server.config.Configuration;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.Lifetimes;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierUsage;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The doctor's way to the tiers below DRAM: what {@link KveikServer} opens, and one block through
 * each.
 */
public final class StorageTrial implements StorageProbe {
  /** What a tier's lock says when it is another's; the SPI has no word of its own for it. */
  private static final String IN_USE = "in use by";

  /** A namespace that no account has. */
  private static final Fingerprint NOWHERE = new Fingerprint(0, 0, 0, 0);

  private final Clock clock = Clock.system();

  @Override
  public Path dataDirectory(Configuration config) {
    return Wiring.dataDirectory(config);
  }

  @Override
  public List<Trial> tryTiers(Path dataDirectory, Configuration config) {
    List<Trial> trials = new ArrayList<>();
    for (LowerTierPlan plan :
        EngineWiring.lowerTiers(config, dataDirectory, clock, Lifetimes.OF_HEADERS)) {
      trials.add(new Trial(plan.name(), plan.local(), tryTier(plan)));
    }
    trials.addAll(new SharedStorageTrial(config, clock).all());
    return List.copyOf(trials);
  }

  private Outcome tryTier(LowerTierPlan plan) {
    try (Tier tier = plan.opening().open()) {
      TierUsage held = tier.usage();
      String failure = new BlockRoundTrip(NOWHERE, clock).through(tier);
      if (failure.contains(IN_USE)) {
        return new Outcome.InUse();
      }
      return failure.isEmpty()
          ? new Outcome.Works(held.blocks(), held.bytes(), plan.capacityBytes())
          : new Outcome.Broken(failure);
    } catch (IOException e) {
      String reason = e instanceof FileSystemException refusal ? refusal.getReason() : null;
      return reason != null && reason.contains(IN_USE)
          ? new Outcome.InUse()
          : new Outcome.Broken(e.toString());
    }
  }
}
