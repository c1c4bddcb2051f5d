package io.kveik.server.tier.nvme;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.Tier;
import io.kveik.server.tier.TierContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract with payloads encoded. */
class NvmeTierCodecContractTest extends TierContract {
  /** Of bf16. */
  private static final int COMPRESSIBLE = 6;

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

  /** Encoded, the first fits a staging buffer, the second does not. */
  @ParameterizedTest
  @ValueSource(ints = {300_000, 4_000_000})
  void withoutMemoryALargeBlockStays(int payloadLength) {
    put(tier(), buffers::allocate, COMPRESSIBLE, 1, payloadLength, 9);
    assertThat(tier().usage().bytes()).isLessThan(payloadLength);
    assertThat(tier().get(ref(COMPRESSIBLE), bytes -> null)).isEqualTo(new GetOutcome.NoBuffer());
    // Read in place, and no memory to decode into.
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
