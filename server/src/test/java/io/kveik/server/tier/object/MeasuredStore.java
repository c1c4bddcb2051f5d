package io.kveik.server.tier.object;

import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Randomness;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.object.resilient.ResilienceOptions;
import io.kveik.server.tier.object.resilient.ResilientBlobStore;

/** A store as a server wires it, with times that no measurement runs into. */
public final class MeasuredStore {
  private static final long MINUTE_MILLIS = 60_000;

  private MeasuredStore() {}

  /** Takes the store over. */
  public static ResilientBlobStore behindRetries(BlobStore store, Scheduler scheduler) {
    return new ResilientBlobStore(
        store,
        new ResilienceOptions(
            MINUTE_MILLIS,
            MINUTE_MILLIS,
            3,
            10,
            20,
            1_000,
            10,
            false,
            new ResilienceOptions.Breaker(100, MINUTE_MILLIS, 1_000, 15_000),
            4,
            64,
            256,
            10),
        new Workers("object", 80, 80),
        scheduler,
        Clock.system(),
        Randomness::below);
  }
}
