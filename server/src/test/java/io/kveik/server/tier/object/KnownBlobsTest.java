package io.kveik.server.tier.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.TestBlocks;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KnownBlobsTest {
  @Test
  void countsLikeAMap() {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("KnownBlobsTest"));
    KnownBlobs known = new KnownBlobs(1 << 20);
    Map<BlockRef, Long> model = new HashMap<>();
    for (int step = 0; step < 60_000; step++) {
      BlockRef block = TestBlocks.ref(random.nextInt(4_000));
      if (random.nextInt(3) == 0) {
        known.remove(block);
        model.remove(block);
      } else {
        long size = random.nextInt(1_000);
        known.add(block, size);
        model.put(block, size);
      }
      if (step % 1_000 == 0) {
        assertSame(known, model);
      }
    }
    assertSame(known, model);
    model.keySet().forEach(known::remove);
    assertThat(known.count()).isZero();
    assertThat(known.bytes()).isZero();
  }

  @Test
  void countsNoMoreThanItsLimit() {
    KnownBlobs known = new KnownBlobs(10);
    for (int number = 0; number < 100; number++) {
      known.add(TestBlocks.ref(number), 5);
    }
    assertThat(known.count()).isEqualTo(10);
    known.add(TestBlocks.ref(0), 7);
    assertThat(known.bytes()).isEqualTo(52);
    known.remove(TestBlocks.ref(99));
    assertThat(known.count()).isEqualTo(10);
  }

  private static void assertSame(KnownBlobs known, Map<BlockRef, Long> model) {
    assertThat(known.count()).isEqualTo(model.size());
    assertThat(known.bytes()).isEqualTo(model.values().stream().mapToLong(Long::longValue).sum());
  }
}
