package io.kveik.server.tier.dram;

import io.kveik.server.memory.Slab;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierDifferential;

class DramTierDifferentialTest extends TierDifferential {
  DramTierDifferentialTest() {
    super(20_000);
  }

  @Override
  protected Tier openTier() {
    return DramTier.transfer(Slab.anonymous(16 << 20));
  }
}
