package io.kveik.server.data;

import io.kveik.server.telemetry.Meters;
import java.util.function.Supplier;

/** The data port's status as meters. */
public final class DataMeters {
  private DataMeters() {}

  public static void bind(Supplier<DataStatus> status, Meters meters) {
    meters
        .of(status)
        .gauge("kveik.data.connections", "Open connections.", DataStatus::connections)
        .gauge("kveik.data.greetings", "Open, no ticket shown yet.", DataStatus::greetings)
        .gauge("kveik.data.leased.bytes", "Blocks being sent.", DataStatus::leasedBytes)
        .gauge("kveik.data.receiving.bytes", "Payloads arriving.", DataStatus::receivingBytes)
        .gauge("kveik.data.request.bytes", "Requests waiting.", DataStatus::requestBytes)
        .counter("kveik.data.sent.blocks", "Blocks sent.", DataStatus::sentBlocks)
        .counter("kveik.data.sent.bytes", "Payload sent.", DataStatus::sentBytes)
        .counter("kveik.data.received.blocks", "Blocks received.", DataStatus::receivedBlocks)
        .counter("kveik.data.received.bytes", "Payload received.", DataStatus::receivedBytes)
        .counter("kveik.data.matches", "Chains asked for.", DataStatus::matches)
        .counter("kveik.data.credit.stalls", "Waits for credit.", DataStatus::creditStalls)
        .counter("kveik.data.protocol.errors", "Broken frames.", DataStatus::protocolErrors)
        .counter("kveik.data.tickets.refused", "Wrong or old.", DataStatus::ticketsRefused)
        .counter("kveik.limit.data.connections", "Refused.", DataStatus::connectionsRefused)
        .counter("kveik.limit.data.greetings", "Ended early.", DataStatus::greetingsEnded)
        .counter("kveik.limit.data.timeouts", "Closed.", DataStatus::timeouts)
        .counter("kveik.limit.data.leased.bytes", "Refused.", DataStatus::leasesRefused)
        .counter("kveik.limit.data.receiving.bytes", "Refused.", DataStatus::receivesRefused)
        .counter("kveik.limit.data.request.bytes", "Refused.", DataStatus::requestsRefused);
  }
}
