package io.kveik.server.rpc;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Shows the gRPC server's status as meters. */
public final class GrpcMeters {
  private GrpcMeters() {}

  public static void bind(Supplier<GrpcStatus> status, MeterRegistry registry) {
    gauge(status, registry, "kveik.grpc.connections", GrpcStatus::connections);
    gauge(status, registry, "kveik.grpc.calls", GrpcStatus::calls);
    gauge(status, registry, "kveik.grpc.unsent.bytes", GrpcStatus::unsentBytes);
    counter(status, registry, "kveik.limit.connections", GrpcStatus::connectionsRefused);
    counter(status, registry, "kveik.limit.calls", GrpcStatus::callsRefused);
    counter(status, registry, "kveik.limit.call.idle", GrpcStatus::callsEndedIdle);
    counter(status, registry, "kveik.limit.unsent.bytes", GrpcStatus::answersRefused);
  }

  private static void gauge(
      Supplier<GrpcStatus> status,
      MeterRegistry registry,
      String name,
      ToDoubleFunction<GrpcStatus> read) {
    Gauge.builder(name, status, one -> read.applyAsDouble(one.get())).register(registry);
  }

  private static void counter(
      Supplier<GrpcStatus> status,
      MeterRegistry registry,
      String name,
      ToDoubleFunction<GrpcStatus> read) {
    FunctionCounter.builder(name, status, one -> read.applyAsDouble(one.get())).register(registry);
  }
}
