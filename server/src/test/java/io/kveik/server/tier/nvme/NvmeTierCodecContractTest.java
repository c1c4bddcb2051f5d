package io.kveik.server.tier.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract with payloads encoded. */
class NvmeTierCodecContractTest extends TierContract {
  @TempDir Path directory;

  @Override
  protected Tier openTier() {
    NvmeOptions options = NvmeOptions.of(1L << 30).withCodec(CodecOptions.of(CodecKind.ZSTD));
    NvmeTier tier = NvmeTier.open(directory, options, Clock.system());
    assertThat(tier.status().down()).isEmpty();
    return tier;
  }

  @Override
  protected long leastStoredBytes(long bodyBytes) {
    return bodyBytes / Byte.SIZE;
  }
}
