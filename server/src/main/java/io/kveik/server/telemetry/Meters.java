package io.kveik.server.telemetry;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where meters go: always to the Prometheus text, and to an OTLP endpoint where one is named. */
public final class Meters implements AutoCloseable {
  private final CompositeMeterRegistry registry = new CompositeMeterRegistry();

  /** Meters hold what they read weakly; without this it would be gone at the next collection. */
  private final List<Object> kept = new CopyOnWriteArrayList<>();

  private final PrometheusMeterRegistry prometheus =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /**
   * @param otlpEndpoint URL of an OTLP/HTTP metrics endpoint; empty for none
   * @param instrumentationKey goes with the export as a resource attribute; empty for none
   */
  public Meters(String otlpEndpoint, String instrumentationKey) {
    registry.add(prometheus);
    if (!otlpEndpoint.isEmpty()) {
      registry.add(new OtlpMeterRegistry(otlp(otlpEndpoint, instrumentationKey), Clock.SYSTEM));
    }
  }

  private static OtlpConfig otlp(String endpoint, String instrumentationKey) {
    Map<String, String> attributes =
        instrumentationKey.isEmpty()
            ? Map.of("service.name", "kveik")
            : Map.of("service.name", "kveik", "instrumentation.key", instrumentationKey);
    return new OtlpConfig() {
      @Override
      public @Nullable String get(String key) {
        return null;
      }

      @Override
      public String url() {
        return endpoint;
      }

      @Override
      public Map<String, String> resourceAttributes() {
        return attributes;
      }
    };
  }

  /** Meters of requests. */
  public RpcMeters rpc() {
    return new RpcMeters(registry);
  }

  /** Meters of a part that tells its status when asked. */
  public <S> StatusMeters<S> of(Supplier<S> status) {
    kept.add(status);
    return StatusMeters.of(status, registry);
  }

  /** The Prometheus text exposition of this moment. */
  public String scrape() {
    return prometheus.scrape();
  }

  /** Exports once more, then stops. */
  @Override
  public void close() {
    registry.close();
  }
}
