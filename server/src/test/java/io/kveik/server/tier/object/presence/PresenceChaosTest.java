package io.kveik.server.tier.object.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockRef;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.MemoryBlobStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Servers that store, remove, stop and start while calls fail and segments rot. Once that is over,
 * no server may deny a block that is there.
 */
class PresenceChaosTest {
  private static final int STEPS = 1_500;
  private static final int BLOCKS = 3_000;

  /** Rot ends in rebuilds, which would hide what publishing and learning lose by themselves. */
  @ParameterizedTest(name = "seed {0}, segments rot: {1}")
  @CsvSource({
    "1, true",
    "2, true",
    "3, true",
    "4, true",
    "5, false",
    "6, false",
    "7, false",
    "8, false"
  })
  void noBlockIsDeniedOnceThingsHaveSettled(long seed, boolean rots) {
    SplittableRandom random = new SplittableRandom(seed);
    PresenceOptions options = rots ? Cluster.OPTIONS : Cluster.withSegments(10_000);
    Set<BlockRef> there = new HashSet<>();
    try (Cluster cluster = new Cluster()) {
      List<PresenceDigests> servers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        servers.add(cluster.start(options));
      }
      servers.getFirst().mayHold(Cluster.block(-1));
      cluster.settle();
      MemoryBlobStore.Faults faults =
          _ ->
              random.nextInt(10) < 3
                  ? new MemoryBlobStore.Fault(
                      new BlobFailure(BlobFailure.Kind.UNAVAILABLE, 0, "told to"),
                      random.nextBoolean())
                  : null;
      cluster.store.setFaults(faults);
      for (int step = 0; step < STEPS; step++) {
        PresenceDigests server = servers.get(random.nextInt(servers.size()));
        BlockRef block = Cluster.block(random.nextInt(BLOCKS));
        switch (random.nextInt(100)) {
          case 0 -> {
            // What a server can't publish any more is lost to the others until a rebuild.
            cluster.store.setFaults(MemoryBlobStore.Faults.NONE);
            server.close();
            cluster.store.setFaults(faults);
            servers.remove(server);
            servers.add(cluster.start(options));
          }
          case 1 -> {
            if (rots) {
              rot(cluster, random);
            }
          }
          case 2, 3, 4, 5, 6, 7, 8, 9 -> cluster.time.advance(random.nextLong(2_000));
          case 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 -> {
            if (there.remove(block)) {
              cluster.store.blobs().remove(Cluster.path(block));
              server.removed(block);
            }
          }
          default -> {
            if (there.add(block)) {
              cluster.put(server, block);
            } else {
              server.present(block);
            }
          }
        }
      }
      cluster.store.setFaults(MemoryBlobStore.Faults.NONE);
      cluster.time.advance(2 * Cluster.REBUILD_MILLIS);
      cluster.settle();
      assertThat(rots || cluster.rebuilds() == 1).isTrue();
      for (PresenceDigests server : servers) {
        assertThat(server.status().incomplete()).isZero();
        for (BlockRef block : there) {
          assertThat(server.mayHold(block)).as("seed %d, %s", seed, block).isTrue();
        }
      }
    }
  }

  private static void rot(Cluster cluster, SplittableRandom random) {
    List<String> segments = cluster.segments();
    if (segments.isEmpty()) {
      return;
    }
    cluster.rot(
        segments.get(random.nextInt(segments.size())), random.nextInt(1 << 20), random.nextInt(8));
  }
}
