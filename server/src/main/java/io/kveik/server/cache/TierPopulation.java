package io.kveik.server.cache;

/** The index's own account of one tier: who is in it, how many bytes, who goes next. */
final class TierPopulation {
  final int ordinal;
  final EvictionPolicy policy;
  long blocks;
  long bytes;

  TierPopulation(int ordinal, EvictionPolicy policy) {
    this.ordinal = ordinal;
    this.policy = policy;
  }

  void entered(Resident resident) {
    blocks++;
    bytes += resident.bytes;
    policy.inserted(resident);
  }

  void left(Resident resident) {
    blocks--;
    bytes -= resident.bytes;
    policy.removed(resident);
  }
}
