package io.kveik.server.tier.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierDifferential;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Each start has another codec, so that the log holds records of all of them. */
class NvmeTierCodecDifferentialTest extends TierDifferential {
  private static final List<CodecKind> CODECS = List.of(CodecKind.values());

  @TempDir Path directory;

  private int starts;
  private long savedBytes;

  NvmeTierCodecDifferentialTest() {
    super(6_000);
  }

  @AfterEach
  void somethingWasEncoded() {
    assertThat(savedBytes).isPositive();
  }

  @Override
  protected Tier openTier() {
    CodecKind kind = CODECS.get(starts++ % CODECS.size());
    return NvmeTier.open(
        directory,
        NvmeOptions.of(1L << 30)
            .withSegmentBytes(1 << 20)
            .withFsync(false)
            .withCodec(CodecOptions.of(kind)),
        Clock.system());
  }

  @Override
  protected Tier reopen(Tier tier) {
    savedBytes += tier.codecTotals().map(CodecTotals::savedBytes).orElseThrow();
    tier.close();
    return openTier();
  }

  @Override
  protected long leastStoredBytes(long bodyBytes) {
    return bodyBytes / Byte.SIZE;
  }
}
