package io.kveik.server.tier.fs;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract with payloads encoded. */
class FsTierCodecContractTest extends TierContract {
  /** Of bf16. */
  private static final int COMPRESSIBLE = 6;

  /** A block of noise, which no codec makes shorter. */
  private static final int NOISE = 1;

  private static final int PAYLOAD = 300_000;

  @TempDir Path directory;

  @Override
  protected Tier openTier() throws IOException {
    return FsTier.open(
        directory, FsTierOptions.of(1L << 30, 1).withCodec(CodecOptions.of(CodecKind.ZSTD)));
  }

  @Override
  protected long leastStoredBytes(long bodyBytes) {
    return bodyBytes / Byte.SIZE;
  }

  @Test
  void countsWhatEncodingSaved() throws IOException {
    put(tier(), buffers::allocate, COMPRESSIBLE, 1, PAYLOAD, 9);
    assertThat(put(tier(), buffers::allocate, COMPRESSIBLE, 2, PAYLOAD, 9))
        .isEqualTo(new PutOutcome.AlreadyPresent());
    put(tier(), buffers::allocate, NOISE, 1, PAYLOAD, 9);
    CodecTotals totals = tier().codecTotals().orElseThrow();
    assertThat(totals.payloadBytes()).isEqualTo(2L * PAYLOAD);
    assertThat(totals.storedBytes()).isBetween((long) PAYLOAD, 2L * PAYLOAD - PAYLOAD / 10);
    DiskTruth.assertAccountExact(directory, (FsTier) tier());
    // A file's account is what it takes, not what its block has.
    assertThat(tier().usage().bytes()).isLessThan(2L * PAYLOAD);
    tier().remove(ref(COMPRESSIBLE));
    DiskTruth.assertAccountExact(directory, (FsTier) tier());
  }

  @Test
  void withoutMemoryToDecodeIntoTheBlockStays() {
    put(tier(), buffers::allocate, COMPRESSIBLE, 1, PAYLOAD, 9);
    boolean[] first = {true};
    BlockBuffers once =
        bytes -> {
          boolean given = first[0];
          first[0] = false;
          return given ? buffers.allocate(bytes) : null;
        };
    assertThat(tier().get(ref(COMPRESSIBLE), once)).isEqualTo(new GetOutcome.NoBuffer());
    assertHit(tier().get(ref(COMPRESSIBLE), buffers::allocate), COMPRESSIBLE, 1);
  }
}
