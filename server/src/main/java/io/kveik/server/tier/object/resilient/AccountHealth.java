package io.kveik.server.tier.object.resilient;

import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.object.BlobFailure;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that is known of how one storage account fares. Any thread. */
final class AccountHealth {
  private static final Logger LOG = LoggerFactory.getLogger(AccountHealth.class);

  final RetryBudget budget;
  final ConcurrencyLimit limit;
  final LatencyWindow reads = new LatencyWindow();
  final LatencyWindow finds = new LatencyWindow();
  private final String account;
  private final CircuitBreaker breaker;
  private final ResilienceCounters counters;

  AccountHealth(
      String account,
      ResilienceOptions options,
      ResilienceCounters counters,
      Clock clock,
      LongUnaryOperator random) {
    this.account = account;
    this.counters = counters;
    this.budget = new RetryBudget(options.extraTriesPercent());
    this.limit =
        new ConcurrencyLimit(
            options.concurrencyMin(), options.concurrencyMax(), options.waiters(), clock);
    this.breaker = new CircuitBreaker(options.breaker(), clock, random);
  }

  boolean admits() {
    return breaker.admits();
  }

  boolean wouldAdmit() {
    return breaker.wouldAdmit();
  }

  boolean isOpen() {
    return breaker.isOpen();
  }

  /** The store answered, if only to refuse: it is there. */
  void answered() {
    limit.succeeded();
    if (breaker.succeeded()) {
      LOG.info("storage account {} answers again", account);
    }
  }

  void failed(BlobFailure failure, long startedNanos) {
    switch (failure.kind()) {
      case REFUSED -> {
        counters.refused.increment();
        answered();
        return;
      }
      case THROTTLED -> {
        counters.throttled.increment();
        limit.throttled();
      }
      case UNAVAILABLE -> counters.unavailable.increment();
    }
    if (breaker.failed(startedNanos)) {
      counters.breakerOpened.increment();
      LOG.error(
          "storage account {} fails and is left alone, but for a trial now and then: {}",
          account,
          failure.reason());
    }
  }
}
