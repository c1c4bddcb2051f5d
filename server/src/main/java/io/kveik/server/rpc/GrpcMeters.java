package io.kveik.server.rpc;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/** Shows the gRPC server's status as meters. They hold the server weakly: its owner keeps it. */
public final class GrpcMeters {
  private GrpcMeters() {}

  public static void bind(GrpcServer server, MeterRegistry registry) {
    gauge(server, registry, "kveik.grpc.connections", GrpcStatus::connections);
    gauge(server, registry, "kveik.grpc.calls", GrpcStatus::calls);
    gauge(server, registry, "kveik.grpc.unsent.bytes", GrpcStatus::unsentBytes);
    counter(server, registry, "kveik.limit.connections", GrpcStatus::connectionsRefused);
    counter(server, registry, "kveik.limit.calls", GrpcStatus::callsRefused);
    counter(server, registry, "kveik.limit.call.idle", GrpcStatus::callsEndedIdle);
    counter(server, registry, "kveik.limit.unsent.bytes", GrpcStatus::answersRefused);
  }

  private static void gauge(
      GrpcServer server, MeterRegistry registry, String name, ToDoubleFunction<GrpcStatus> read) {
    Gauge.builder(name, server, one -> read.applyAsDouble(one.status())).register(registry);
  }

  private static void counter(
      GrpcServer server, MeterRegistry registry, String name, ToDoubleFunction<GrpcStatus> read) {
    FunctionCounter.builder(name, server, one -> read.applyAsDouble(one.status()))
        .register(registry);
  }
}
