package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.runtime.ManualTime;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The system refuses memory while a block enters: the block is in with all its parts, or not. */
class BlockIndexRefusalTest {
  private static final int TIERS = 2;

  /** What an index takes that is as small as they come. */
  private static final long LEAST_BYTES = 100L << 20;

  private static final int ATTEMPTS_REFUSED = 200;
  private final ManualTime time = new ManualTime();

  private BlockHeader header(SplittableRandom random, long number) {
    boolean expires = random.nextInt(3) == 0;
    return new BlockHeader(
        new BlockKey(random.nextLong(), number, random.nextLong(), random.nextLong()),
        // Many namespaces, so that their table grows too.
        new Fingerprint(random.nextInt(100_000), 2, 3, 4),
        number,
        // Most parents are unknown: a node for each.
        random.nextInt(4) == 0 ? number - 1 : -number,
        1 + random.nextInt(3),
        128,
        10,
        random.nextInt(1_000),
        0,
        0,
        0,
        expires ? time.wallMillis() + 1_000_000 : BlockHeader.NEVER_EXPIRES,
        0,
        ElementType.UNDECLARED);
  }

  /** Bounds apart by less than a chunk, so that it is not always the same table that is refused. */
  @ParameterizedTest(name = "{0} MiB more than the least")
  @ValueSource(ints = {0, 10})
  void aBlockEntersWholeOrNotAtAll(int moreMib) {
    SplittableRandom random = new SplittableRandom(moreMib);
    RecordMemory memory = RecordMemory.openBounded(LEAST_BYTES + ((long) moreMib << 20));
    try (BlockIndex index = new BlockIndex(TIERS, LeafFirstLru::new, 64, time, memory)) {
      ArrayDeque<BlockHeader> entered = new ArrayDeque<>();
      long bytes = 0;
      int refused = 0;
      for (long number = 1; refused < ATTEMPTS_REFUSED; number++) {
        BlockHeader header = header(random, number);
        int tier = random.nextInt(TIERS);
        int namespaces = index.namespaces();
        if (index.note(header, tier)) {
          entered.add(header);
          bytes += header.bodyLength();
          continue;
        }
        refused++;
        assertThat(index.finder().find(header.key(), new BlockView())).isFalse();
        assertThat(index.namespaces()).isEqualTo(namespaces);
        assertThat(index.usageOf(header.namespace()).blocks()).isLessThanOrEqualTo(entered.size());
      }
      assertThat(entered.size()).as("seed %d", moreMib).isGreaterThan(10_000);
      assertThat(index.blocks()).isEqualTo(entered.size());
      assertThat(index.bytesIn(0) + index.bytesIn(1)).isEqualTo(bytes);
      assertThat(entered.stream().filter(header -> !isWhole(index, header))).isEmpty();
      // All of it leaves as if nothing had happened.
      for (int tier = 0; tier < TIERS; tier++) {
        while (index.eviction().evict(tier) != null) {
          // to the last one
        }
        assertThat(index.blocksIn(tier)).isZero();
      }
      assertThat(index.blocks()).isZero();
      assertThat(index.namespaces()).isZero();
    }
  }

  private static boolean isWhole(BlockIndex index, BlockHeader header) {
    BlockView view = new BlockView();
    return index.finder().find(header.key(), view)
        && view.inNamespace(header.namespace())
        && view.label() == header.label();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void anIndexThatCanNotEvenBeginSaysSo(long bytes) {
    RecordMemory memory = RecordMemory.openBounded(bytes);
    assertThatThrownBy(() -> new BlockIndex(TIERS, LeafFirstLru::new, 64, time, memory))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageContaining("at most " + bytes);
    memory.close();
  }
}
