package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockRef;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.dram.DramTier;
import io.kveik.server.tier.nvme.NvmeOptions;
import io.kveik.server.tier.nvme.NvmeTier;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine over a tier that makes room by itself. */
class SelfEvictingTierTest {
  private static final long HOT = 1;
  private static final int BLOCKS = 2_000;

  @TempDir Path directory;

  @Test
  void whatLookupsFoundStaysAndTheIndexKnowsWhatLeft() {
    ManualTime time = new ManualTime();
    Slab slab = Slab.anonymous(64 << 10);
    NvmeTier tier = NvmeTier.open(directory, NvmeOptions.of(4 << 20).withFsync(false), time);
    try (Workers storage = new Workers("test-storage", 2, 100)) {
      CacheEngine engine =
          new CacheEngine(
              DramTier.transfer(slab),
              List.of(new CacheEngine.Below(tier, AckLevel.LOCAL, 4 << 20)),
              LeafFirstLru::new,
              new EngineOptions(4_096, 100, 4, 1_000, 500, 2_000, 8, 1 << 20, 1, 1_000, false),
              storage,
              time,
              time);
      assertThat(engine.recover()).isZero();
      for (long id = HOT; id <= BLOCKS; id++) {
        assertThat(write(engine, id)).isEqualTo(AckLevel.LOCAL);
        if (id % 50 == 0) {
          LookupOutcome found =
              EngineFixture.join(
                  engine.lookup(EngineFixture.NAMESPACE, EngineFixture.chain(HOT, 1)));
          assertThat(found.blocks()).hasSize(1);
        }
      }
      assertThat(holds(engine, HOT)).isTrue();
      assertThat(holds(engine, HOT + 1)).isFalse();
      EngineStatus.TierStatus status = engine.status().tiers().get(1);
      assertThat(status.evictions()).isPositive().isEqualTo(tier.status().evicted());
      assertThat(status.usage().blocks()).isEqualTo(BLOCKS - status.evictions());
      assertThat(status.usage().bytes()).isLessThan(4 << 20);
      assertThat(tier.status().reinserted()).isPositive();
      ReadOutcome read =
          EngineFixture.join(engine.read(EngineFixture.NAMESPACE, EngineFixture.key(HOT)));
      assertThat(read).isInstanceOf(ReadOutcome.Hit.class);
      try (StoredBlock block = ((ReadOutcome.Hit) read).block()) {
        assertThat(block.header().ref())
            .isEqualTo(new BlockRef(EngineFixture.NAMESPACE, EngineFixture.key(HOT)));
      }
      engine.close();
    }
    assertThat(slab.liveLeases()).isZero();
  }

  private static AckLevel write(CacheEngine engine, long id) {
    WriteOutcome outcome =
        EngineFixture.join(engine.write(EngineFixture.command(id, 0, AckLevel.LOCAL)));
    assertThat(outcome).isInstanceOf(WriteOutcome.Stored.class);
    return ((WriteOutcome.Stored) outcome).reached();
  }

  private static boolean holds(CacheEngine engine, long id) {
    return engine.holds(EngineFixture.NAMESPACE, EngineFixture.key(id));
  }
}
