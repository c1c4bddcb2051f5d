package io.kveik.server.tier;

import static io.kveik.server.tier.TestBlocks.assertHit;
import static io.kveik.server.tier.TestBlocks.key;
import static io.kveik.server.tier.TestBlocks.put;
import static io.kveik.server.tier.TestBlocks.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.Slab;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random calls, each answered as a plain {@link HashMap} answers; replays from its seed. */
public abstract class TierDifferential {
  private static final int KEYS = 40;

  private final int steps;

  protected TierDifferential(int steps) {
    this.steps = steps;
  }

  /** An empty tier with room for at least 8 MiB of blocks. */
  protected abstract Tier openTier() throws IOException;

  /** The tier after a restart; the same tier where blocks do not outlive it. */
  protected Tier reopen(Tier tier) throws IOException {
    return tier;
  }

  /** What a body takes in the tier at least; less than its length where a codec is on. */
  protected long leastStoredBytes(long bodyBytes) {
    return bodyBytes;
  }

  @Test
  void answersLikeAMap() throws IOException {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed(getClass().getSimpleName()));
    Map<BlockKey, BlockHeader> model = new HashMap<>();
    try (Slab buffers = Slab.anonymous(8 << 20)) {
      Tier tier = openTier();
      try {
        for (int step = 0; step < steps; step++) {
          int number = random.nextInt(KEYS);
          BlockKey key = key(number);
          BlockHeader expected = model.get(key);
          int choice = random.nextInt(100);
          if (choice < 1) {
            tier = reopen(tier);
          } else if (choice < 3) {
            assertSame(tier, model);
          } else if (choice < 20) {
            assertThat(tier.remove(ref(number))).isTrue();
            model.remove(key);
          } else if (choice < 50) {
            int payload = random.nextInt(1 << random.nextInt(16));
            int attributes = random.nextInt(200);
            PutOutcome outcome = put(tier, buffers::allocate, number, step, payload, attributes);
            if (expected == null) {
              assertThat(outcome).isEqualTo(new PutOutcome.Stored());
              model.put(key, TestBlocks.header(number, step, payload, attributes));
            } else {
              assertThat(outcome).isEqualTo(new PutOutcome.AlreadyPresent());
            }
          } else if (choice < 75) {
            GetOutcome outcome = tier.get(ref(number), buffers::allocate);
            if (expected == null) {
              assertThat(outcome).isEqualTo(new GetOutcome.Absent());
            } else {
              assertHit(outcome, number, expected.label());
            }
          } else {
            assertThat(tier.find(ref(number)))
                .isEqualTo(
                    expected == null ? new FindOutcome.Absent() : new FindOutcome.Found(expected));
          }
        }
        assertSame(tier, model);
      } finally {
        tier.close();
      }
      assertThat(buffers.liveLeases()).isZero();
    }
  }

  private void assertSame(Tier tier, Map<BlockKey, BlockHeader> model) {
    Map<BlockKey, BlockHeader> scanned = new HashMap<>();
    TierUsage usage = tier.usage();
    assertThat(tier.scan(header -> assertThat(scanned.put(header.key(), header)).isNull()))
        .isTrue();
    assertThat(scanned).isEqualTo(model);
    // A scan mends the account; it must have found nothing to mend.
    assertThat(tier.usage()).isEqualTo(usage);
    assertThat(usage.blocks()).isEqualTo(model.size());
    assertThat(usage.bytes())
        .isGreaterThanOrEqualTo(
            leastStoredBytes(model.values().stream().mapToLong(BlockHeader::bodyLength).sum()));
  }
}
