package io.kveik.server.cache.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.RecordMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GhostsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void remembersLikeAnOrderedMap(long seed) {
    Random random = new Random(seed);
    try (RecordMemory memory = RecordMemory.open()) {
      Ghosts ghosts = new Ghosts(memory);
      Map<Long, Long> model = new LinkedHashMap<>();
      for (int step = 0; step < 50_000; step++) {
        // Identities that differ in high or in low bits only.
        long identity = (long) random.nextInt(40) << 58 | random.nextInt(30);
        switch (random.nextInt(5)) {
          case 0, 1, 2 -> {
            long value = random.nextLong() >>> 1;
            ghosts.add(identity, value);
            model.remove(identity);
            model.put(identity, value);
          }
          case 3 -> {
            int ghost = ghosts.find(identity);
            assertThat(ghost != Ghosts.NONE).isEqualTo(model.containsKey(identity));
            if (ghost != Ghosts.NONE) {
              assertThat(ghosts.value(ghost)).isEqualTo(model.remove(identity));
              ghosts.remove(ghost);
            }
          }
          default -> {
            if (!model.isEmpty()) {
              long oldest = model.keySet().iterator().next();
              assertThat(ghosts.oldest()).isEqualTo(ghosts.find(oldest));
              model.remove(oldest);
              ghosts.remove(ghosts.oldest());
            }
          }
        }
        assertThat(ghosts.size()).as("seed %d step %d", seed, step).isEqualTo(model.size());
      }
    }
  }
}
