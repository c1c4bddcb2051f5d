package io.kveik.server.tier.fs;

import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierDifferential;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FsTierDifferentialTest extends TierDifferential {
  @TempDir Path directory;

  FsTierDifferentialTest() {
    super(6_000);
  }

  @Override
  protected Tier openTier() throws IOException {
    return FsTier.open(directory, FsTierOptions.of(1L << 30, 1).withFsync(false));
  }

  @Override
  protected Tier reopen(Tier tier) throws IOException {
    tier.close();
    return openTier();
  }
}
