package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.runtime.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the index takes off-heap at over a million blocks, and that it gives it back. */
class BlockIndexMemoryTest {
  private static final int BLOCKS = 1_050_000;
  private static final int CHAIN_BLOCKS = 500;
  private static final long PAGE_BYTES = 4_096;
  private static final Fingerprint NAMESPACE =
      new Fingerprint(
          0x1234_5678_9ABC_DEF0L, 0x2345_6789L, 0x7531_9864_2468_ACE1L, 0x1357_9BDF_0246_8ACFL);

  @Test
  @EnabledOnOs(OS.LINUX)
  void growsWithinItsBudgetAndReturnsItsMemoryAtTheClose() throws IOException {
    BlockIndex index = new BlockIndex(1, LeafFirstLru::new, 64, new ManualTime());
    BlockHeader last = header(BLOCKS - 1);
    try (index) {
      for (int block = 0; block < BLOCKS; block++) {
        index.enter(header(block), 0, false);
      }
      BlockView view = new BlockView();
      for (int block = 0; block < BLOCKS; block += 7) {
        assertThat(index.finder().find(header(block).key(), view)).isTrue();
        assertThat(view.label()).isEqualTo(header(block).label());
      }
      assertThat(index.blocks()).isEqualTo(BLOCKS);
      assertThat((double) index.usedBytes() / BLOCKS)
          .as("bytes a block: 64 and 52 for its tier")
          .isLessThan(64 + 52);
      long full = residentBytes();
      index.close();
      assertThat(full - residentBytes()).isGreaterThan(index.usedBytes() * 8 / 10);
    }
    assertThat(index.finder().find(last.key(), new BlockView())).isFalse();
    assertThat(index.expired(1)).isEmpty();
    assertThatThrownBy(() -> index.enter(last, 0, false)).isInstanceOf(IllegalStateException.class);
  }

  private static BlockHeader header(long block) {
    int depth = (int) (block % CHAIN_BLOCKS);
    long parentLabel = depth == 0 ? 0 : mix(block - 1);
    BlockKey key = new BlockKey(mix(~block), block, 0, 0);
    return new BlockHeader(
        key, NAMESPACE, mix(block), parentLabel, depth, 128, 600, 1 << 20, 0, 0, 0, 0, 0);
  }

  private static long mix(long number) {
    long mixed = (number + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 30) * 0x94D049BB133111EBL;
    return mixed ^ mixed >>> 31;
  }

  private static long residentBytes() throws IOException {
    return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1])
        * PAGE_BYTES;
  }
}
