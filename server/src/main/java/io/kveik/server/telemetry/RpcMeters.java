package io.kveik.server.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * What is measured of every request: {@code kvstore.rpc.latency}, {@code kvstore.storage.latency},
 * {@code kvstore.rpc.overhead} (label method) and {@code kvstore.rpc.requests} (labels method,
 * success), the original's names. A message of a StreamingRead counts as one request. Any thread.
 */
public final class RpcMeters {
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(50_000),
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  private record OfRpc(
      Timer latency,
      Timer storage,
      Timer overhead,
      Counter succeeded,
      Counter failed,
      DistributionSummary payloadBytes,
      Recorder recent,
      LongAdder requests) {}

  private final Map<Rpc, OfRpc> meters = new EnumMap<>(Rpc.class);

  RpcMeters(MeterRegistry registry) {
    for (Rpc rpc : Rpc.values()) {
      String method = rpc.label();
      meters.put(
          rpc,
          new OfRpc(
              timer(registry, "kvstore.rpc.latency", "From request to answer.", method),
              timer(registry, "kvstore.storage.latency", "Of that, spent in tiers.", method),
              timer(registry, "kvstore.rpc.overhead", "Of that, everything else.", method),
              counter(registry, method, true),
              counter(registry, method, false),
              DistributionSummary.builder("kvstore.rpc.payload")
                  .description("Payload bytes moved.")
                  .baseUnit("bytes")
                  .tag("method", method)
                  .register(registry),
              new Recorder(2),
              new LongAdder()));
    }
  }

  private static Timer timer(MeterRegistry registry, String name, String help, String method) {
    return Timer.builder(name)
        .description(help)
        .tag("method", method)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  private static Counter counter(MeterRegistry registry, String method, boolean success) {
    return Counter.builder("kvstore.rpc.requests")
        .description("Requests answered.")
        .tag("method", method)
        .tag("success", Boolean.toString(success))
        .register(registry);
  }

  /**
   * Notes one request.
   *
   * @param success false when the client got an error
   * @param payloadBytes KV bytes that went in or out
   */
  public void record(
      Rpc rpc, boolean success, long totalNanos, long storageNanos, long payloadBytes) {
    OfRpc of = of(rpc);
    (success ? of.succeeded : of.failed).increment();
    of.requests.increment();
    of.latency.record(Duration.ofNanos(totalNanos));
    of.storage.record(Duration.ofNanos(storageNanos));
    of.overhead.record(Duration.ofNanos(Math.max(0, totalNanos - storageNanos)));
    if (payloadBytes > 0) {
      of.payloadBytes.record((double) payloadBytes);
    }
    of.recent.recordValue(Math.max(0, totalNanos));
  }

  public long requests(Rpc rpc) {
    return of(rpc).requests.sum();
  }

  public double payloadBytes(Rpc rpc) {
    return of(rpc).payloadBytes.totalAmount();
  }

  /** Latencies in nanoseconds since the last call; for one caller (the console line). */
  Histogram recent(Rpc rpc) {
    return of(rpc).recent.getIntervalHistogram();
  }

  private OfRpc of(Rpc rpc) {
    OfRpc of = meters.get(rpc);
    if (of == null) {
      throw new IllegalStateException("every RPC has meters: " + rpc);
    }
    return of;
  }
}
