package io.kveik.server.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Shows figures of a part's status as meters. Read when scraped; costs the part nothing else.
 *
 * @param <S> what the part's status is
 */
public final class StatusMeters<S> {
  private final Supplier<S> status;
  private final MeterRegistry registry;
  private final Tags tags;

  private StatusMeters(Supplier<S> status, MeterRegistry registry, Tags tags) {
    this.status = status;
    this.registry = registry;
    this.tags = tags;
  }

  static <S> StatusMeters<S> of(Supplier<S> status, MeterRegistry registry) {
    return new StatusMeters<>(status, registry, Tags.empty());
  }

  /** The same with one label on every meter. */
  public StatusMeters<S> labelled(String label, String value) {
    return new StatusMeters<>(status, registry, tags.and(label, value));
  }

  /** A figure that goes up and down. */
  public StatusMeters<S> gauge(String name, String help, ToDoubleFunction<S> read) {
    Gauge.builder(name, status, one -> read.applyAsDouble(one.get()))
        .description(help)
        .tags(tags)
        .register(registry);
    return this;
  }

  /** A figure that only grows. */
  public StatusMeters<S> counter(String name, String help, ToDoubleFunction<S> read) {
    FunctionCounter.builder(name, status, one -> read.applyAsDouble(one.get()))
        .description(help)
        .tags(tags)
        .register(registry);
    return this;
  }
}
