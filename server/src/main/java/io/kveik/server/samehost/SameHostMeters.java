package io.kveik.server.samehost;

import io.kveik.server.telemetry.Meters;

/** Shared memory's figures as meters. */
public final class SameHostMeters {
  private SameHostMeters() {}

  public static void bind(SameHostMemory memory, Meters meters) {
    meters
        .of(() -> memory)
        .gauge("kveik.samehost.bytes", "Shared memory taken.", SameHostMemory::usedBytes)
        .gauge("kveik.samehost.leases", "Leases now.", m -> m.counters().live.sum())
        .counter("kveik.samehost.lent", "Lent without a copy.", m -> m.counters().lentInPlace.sum())
        .counter("kveik.samehost.copied", "Lent after a copy.", m -> m.counters().lentCopied.sum())
        .counter("kveik.samehost.revoked", "Not given back.", m -> m.counters().revoked.sum())
        .counter("kveik.limit.samehost.bytes", "No room.", m -> m.counters().noRoom.sum())
        .counter("kveik.limit.samehost.leases", "Refused.", m -> m.counters().tooManyLeases.sum());
  }
}
