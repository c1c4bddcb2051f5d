package io.kveik.server.tier.fs;

import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FsTierWithoutHardLinksContractTest extends TierContract {
  @TempDir Path directory;

  @Override
  protected Tier openTier() throws IOException {
    return FsTier.open(directory, FsTierOptions.of(1L << 30, 1), DiskBlockFiles.withoutHardLinks());
  }
}
