package io.kveik.server.tier.object.resilient;

import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.object.BlobContainer;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * The health of each endpoint of storage accounts: one that fails is no reason to leave another
 * alone. Accounts at one endpoint share its fate. At most so many; the one not used for longest is
 * forgotten first, and starts anew as healthy. Any thread, O(1).
 */
final class Accounts {
  private final ResilienceOptions options;
  private final ResilienceCounters counters;
  private final Clock clock;
  private final LongUnaryOperator random;
  private final Map<URI, AccountHealth> byUse;

  Accounts(
      ResilienceOptions options,
      ResilienceCounters counters,
      Clock clock,
      LongUnaryOperator random) {
    this.options = options;
    this.counters = counters;
    this.clock = clock;
    this.random = random;
    this.byUse =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<URI, AccountHealth> eldest) {
            return size() > options.accounts();
          }
        };
  }

  synchronized AccountHealth of(BlobContainer container) {
    return byUse.computeIfAbsent(
        container.endpoint(),
        _ -> new AccountHealth(container.account(), options, counters, clock, random));
  }

  /** Accounts that are left alone now. */
  synchronized int open() {
    return (int) byUse.values().stream().filter(AccountHealth::isOpen).count();
  }
}
