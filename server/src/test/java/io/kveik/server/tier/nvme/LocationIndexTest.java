package io.kveik.server.tier.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockKey;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.TestBlocks;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LocationIndexTest {
  /** Half of the keys crowd the same few places. */
  private static BlockKey key(int number) {
    return number % 2 == 0
        ? TestBlocks.key(number)
        : new BlockKey(0, number % 4, number % 8, number);
  }

  @Test
  void answersLikeAMap() {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("location index"));
    LocationIndex index = new LocationIndex();
    Map<BlockKey, Long> model = new HashMap<>();
    for (int step = 0; step < 200_000; step++) {
      BlockKey key = key(random.nextInt(3_000));
      if (random.nextInt(5) < 2) {
        index.remove(key);
        model.remove(key);
      } else {
        long location =
            Location.of(
                random.nextInt(NvmeLayout.MAX_SLOTS),
                RecordDescriptor.PAGE_BYTES * random.nextInt(1 << 20),
                RecordDescriptor.PAGE_BYTES * random.nextInt(1, 1 << 10));
        index.put(key, location);
        model.put(key, location);
      }
      BlockKey other = key(random.nextInt(3_000));
      assertThat(index.get(other)).isEqualTo(model.getOrDefault(other, Location.NONE));
    }
    assertThat(index.blocks()).isEqualTo(model.size());
    assertThat(index.bytes())
        .isEqualTo(model.values().stream().mapToLong(Location::recordBytes).sum());
    int inSlots = 0;
    for (int slot = 0; slot < NvmeLayout.MAX_SLOTS; slot++) {
      inSlots += index.blocksIn(slot);
    }
    assertThat(inSlots).isEqualTo(model.size());
  }

  @Test
  void locationsKeepTheirParts() {
    long location =
        Location.of(
            NvmeLayout.MAX_SLOTS - 1,
            Location.MAX_SEGMENT_BYTES - RecordDescriptor.PAGE_BYTES,
            RecordDescriptor.recordBytes(BlockChecks.MAX_BODY_BYTES));
    assertThat(Location.slot(location)).isEqualTo(NvmeLayout.MAX_SLOTS - 1);
    assertThat(Location.position(location))
        .isEqualTo(Location.MAX_SEGMENT_BYTES - RecordDescriptor.PAGE_BYTES);
    assertThat(Location.recordBytes(location))
        .isEqualTo(RecordDescriptor.recordBytes(BlockChecks.MAX_BODY_BYTES));
  }
}
