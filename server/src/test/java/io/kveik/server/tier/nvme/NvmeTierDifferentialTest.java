package io.kveik.server.tier.nvme;

import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierDifferential;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class NvmeTierDifferentialTest extends TierDifferential {
  @TempDir Path directory;

  NvmeTierDifferentialTest() {
    super(6_000);
  }

  /** Room for all that the test writes and removes, so that nothing has to leave. */
  @Override
  protected Tier openTier() {
    NvmeOptions options = NvmeOptions.of(1L << 30).withSegmentBytes(1 << 20).withFsync(false);
    return NvmeTier.open(directory, options, Clock.system());
  }

  @Override
  protected Tier reopen(Tier tier) {
    tier.close();
    return openTier();
  }
}
