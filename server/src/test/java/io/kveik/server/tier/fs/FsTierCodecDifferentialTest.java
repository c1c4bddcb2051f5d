package io.kveik.server.tier.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierDifferential;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Each start has another codec, so that the directory holds files of all of them. */
class FsTierCodecDifferentialTest extends TierDifferential {
  private static final List<CodecKind> CODECS = List.of(CodecKind.values());

  @TempDir Path directory;

  private int starts;
  private long savedBytes;

  FsTierCodecDifferentialTest() {
    super(6_000);
  }

  @AfterEach
  void somethingWasEncoded() {
    assertThat(savedBytes).isPositive();
  }

  @Override
  protected Tier openTier() throws IOException {
    CodecKind kind = CODECS.get(starts++ % CODECS.size());
    return FsTier.open(
        directory, FsTierOptions.of(1L << 30, 1).withFsync(false).withCodec(CodecOptions.of(kind)));
  }

  @Override
  protected Tier reopen(Tier tier) throws IOException {
    savedBytes += tier.codecTotals().map(CodecTotals::savedBytes).orElseThrow();
    DiskTruth.assertAccountExact(directory, (FsTier) tier);
    tier.close();
    Tier next = openTier();
    DiskTruth.assertAccountExact(directory, (FsTier) next);
    return next;
  }

  @Override
  protected long leastStoredBytes(long bodyBytes) {
    return bodyBytes / Byte.SIZE;
  }
}
