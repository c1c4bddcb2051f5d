package io.kveik.server.rpc;

import io.kveik.server.telemetry.Meters;
import java.util.function.Supplier;

/** The gRPC server's status as meters. */
public final class GrpcMeters {
  private GrpcMeters() {}

  public static void bind(Supplier<GrpcStatus> status, Meters meters) {
    meters
        .of(status)
        .gauge("kveik.grpc.connections", "Open connections.", GrpcStatus::connections)
        .gauge("kveik.grpc.calls", "Calls in progress.", GrpcStatus::calls)
        .gauge("kveik.grpc.unsent.bytes", "Answers left unread.", GrpcStatus::unsentBytes)
        .gauge("kveik.grpc.inbound.bytes", "Requests arriving.", GrpcStatus::inboundBytes)
        .counter("kveik.limit.inbound.bytes", "Refused.", GrpcStatus::requestsRefused)
        .counter("kveik.limit.connections", "Refused.", GrpcStatus::connectionsRefused)
        .counter("kveik.limit.deaf", "Closed.", GrpcStatus::connectionsClosedDeaf)
        .counter("kveik.limit.calls", "Refused.", GrpcStatus::callsRefused)
        .counter("kveik.limit.call.idle", "Ended.", GrpcStatus::callsEndedIdle)
        .counter("kveik.limit.unsent.bytes", "Refused.", GrpcStatus::answersRefused);
  }
}
