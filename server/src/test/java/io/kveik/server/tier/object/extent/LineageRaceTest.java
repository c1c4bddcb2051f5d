package io.kveik.server.tier.object.extent;

import static io.kveik.server.tier.object.extent.ExtentServers.ref;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Servers that take blocks out of the same extents at the same time: what one was told to be
 * removed no server ever serves again, and what nobody removed all of them do.
 */
class LineageRaceTest {
  private static final int ROUNDS = 30;
  private static final int SERVERS = 3;
  private static final int BLOCKS = 24;

  @Test
  void noBlockComesBackAndNoneIsLost() throws Exception {
    long seed = TestBlocks.seed("LineageRaceTest");
    try (ExtentServers servers = new ExtentServers("LineageRaceTest servers");
        ExecutorService threads = Executors.newFixedThreadPool(SERVERS)) {
      List<ExtentTier> tiers = new ArrayList<>();
      for (int i = 0; i < SERVERS; i++) {
        tiers.add(servers.start());
      }
      for (int round = 0; round < ROUNDS; round++) {
        long first = (long) round * BLOCKS;
        servers.put(tiers.get(round % SERVERS), first, BLOCKS);
        servers.time.advance(1_000);
        Set<Long> removed = ConcurrentHashMap.newKeySet();
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < SERVERS; i++) {
          ExtentTier mine = tiers.get(i);
          SplittableRandom random = new SplittableRandom(seed + (long) round * SERVERS + i);
          work.add(
              threads.submit(() -> {
                for (int step = 0; step < 12; step++) {
                  long number = first + random.nextInt(BLOCKS / 2);
                  if (random.nextInt(3) == 0) {
                    if (mine.remove(ref(number))) {
                      removed.add(number);
                    }
                  } else {
                    boolean gone = removed.contains(number);
                    GetOutcome got = mine.get(ref(number), servers.buffers::allocate);
                    if (got instanceof GetOutcome.Hit(StoredBlock block)) {
                      block.close();
                      assertThat(gone).as("%d came back", number).isFalse();
                    }
                  }
                }
              }));
        }
        for (Future<?> one : work) {
          one.get();
        }
        tiers.add(servers.start());
        for (ExtentTier server : tiers) {
          for (long number = first; number < first + BLOCKS; number++) {
            Long variant = servers.variantOf(server, number);
            assertThat(variant == null)
                .as("block %d of round %d", number - first, round)
                .isEqualTo(removed.contains(number));
          }
        }
        tiers.removeLast();
      }
    }
  }
}
