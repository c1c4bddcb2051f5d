package io.kveik.server.telemetry;

import io.kveik.server.tier.object.ObjectTier;
import io.kveik.server.tier.object.resilient.ResilienceCounters;
import io.kveik.server.tier.object.resilient.ResilientBlobStore;

/** How the calls to object storage fare, as meters. */
public final class ObjectStoreMeters {
  private ObjectStoreMeters() {}

  public static void bind(ObjectTier tier, ResilientBlobStore store, Meters meters) {
    ResilienceCounters counters = store.counters();
    meters
        .of(() -> counters)
        .labelled("store", store.name())
        .counter("kveik.object.calls", "Calls that were tried.", c -> c.calls.sum())
        .counter("kveik.object.tries", "Requests sent.", c -> c.tries.sum())
        .counter("kveik.object.retries", "Requests sent again.", c -> c.retries.sum())
        .counter("kveik.object.hedges", "Sent beside a slow one.", c -> c.hedges.sum())
        .counter("kveik.object.hedges.won", "Of those, first.", c -> c.hedgesWon.sum())
        .counter("kveik.object.throttled", "Answered 503 or 429.", c -> c.throttled.sum())
        .counter("kveik.object.unavailable", "No answer, or 5xx.", c -> c.unavailable.sum())
        .counter("kveik.object.refused", "Refused for good.", c -> c.refused.sum())
        .counter("kveik.object.short.circuited", "Not tried.", c -> c.shortCircuited.sum())
        .counter("kveik.object.breaker.opened", "Accounts left alone.", c -> c.breakerOpened.sum())
        .counter("kveik.object.over.deadline", "Answered too late.", c -> c.overDeadline.sum())
        .counter("kveik.limit.object.extra.tries", "Not made.", c -> c.overBudget.sum())
        .counter("kveik.limit.object.waiters", "Refused.", c -> c.crowdedOut.sum());
    meters
        .of(() -> store)
        .labelled("store", store.name())
        .gauge("kveik.object.accounts.open", "Left alone now.", ResilientBlobStore::openAccounts);
    meters
        .of(() -> tier)
        .labelled("store", store.name())
        .counter("kveik.object.quarantined", "Failed a check.", ObjectTier::quarantinedTotal);
  }
}
