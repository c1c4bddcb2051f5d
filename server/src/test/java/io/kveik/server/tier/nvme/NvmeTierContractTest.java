package io.kveik.server.tier.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class NvmeTierContractTest extends TierContract {
  @TempDir Path directory;

  @Override
  protected Tier openTier() {
    NvmeTier tier =
        NvmeTier.open(directory.resolve("deep/down"), NvmeOptions.of(1L << 30), Clock.system());
    assertThat(tier.status().down()).isEmpty();
    return tier;
  }
}
