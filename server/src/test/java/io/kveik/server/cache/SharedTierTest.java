package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.AckLevel;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.dram.DramTier;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the engine treats a tier that other servers write to as well. */
class SharedTierTest {
  private final ManualTime time = new ManualTime();
  private final SharedFaultyTier shared = new SharedFaultyTier();
  private final FaultyTier blocks = shared.blocks;
  private final Workers storage = new Workers("test-storage", 2, 100);
  private Slab slab = Slab.anonymous(1 << 20);
  private CacheEngine engine = engine();

  private CacheEngine engine() {
    return new CacheEngine(
        DramTier.transfer(slab),
        List.of(new CacheEngine.Below(shared, AckLevel.SHARED, Long.MAX_VALUE)),
        LeafFirstLru::new,
        new EngineOptions(1_024, 100, 4, 1_000, 500, 2_000, 100, 1 << 20, 1, 1_000, false),
        storage,
        time,
        time);
  }

  @AfterEach
  void close() {
    engine.close();
    blocks.destroy();
    storage.close();
    assertThat(slab.liveLeases() + blocks.liveLeases()).isZero();
  }

  @Test
  void isNeverListedAndFoundByAsking() {
    write(1, 0);
    restart();
    assertThat(engine.recover()).isZero();
    assertThat(engine.status().tiers().get(1).listed()).isTrue();
    assertThat(lookup(1).blocks()).hasSize(1);
    assertThat(read(1)).isEqualTo((byte) 1);
  }

  @Test
  void isNotAskedForWhatItCertainlyLacks() {
    write(1, 0);
    restart();
    shared.digest = _ -> false;
    assertThat(lookup(1).blocks()).isEmpty();
    assertThat(read(1)).isEqualTo(ReadOutcome.Reason.ABSENT);
    assertThat(blocks.finds).hasValue(0);
    assertThat(blocks.gets).hasValue(0);
  }

  @Test
  void isAskedAgainHoweverOftenItFails() {
    write(1, 0);
    restart();
    blocks.broken = true;
    for (int i = 0; i < 2 * TierHealth.FAILURES_TO_OPEN; i++) {
      assertThat(read(1)).isEqualTo(ReadOutcome.Reason.TIER_DOWN);
    }
    assertThat(engine.status().tiers().get(1).down()).isFalse();
    blocks.broken = false;
    assertThat(read(1)).isEqualTo((byte) 1);
  }

  @Test
  void promisesNothingOfAnAccountThatIsLeftAlone() {
    write(1, 0);
    restart();
    assertThat(lookup(1).blocks()).hasSize(1);
    shared.reachable = false;
    assertThat(lookup(1).stop().orElseThrow().reason())
        .isEqualTo(LookupOutcome.StopReason.TIER_DOWN);
  }

  /** Another server on the same storage: its index is empty. */
  private void restart() {
    engine.close();
    assertThat(slab.liveLeases()).isZero();
    slab = Slab.anonymous(1 << 20);
    engine = engine();
  }

  private void write(long id, long parent) {
    WriteOutcome outcome =
        EngineFixture.join(engine.write(EngineFixture.command(id, parent, AckLevel.SHARED)));
    assertThat(outcome).isInstanceOf(WriteOutcome.Stored.class);
    assertThat(((WriteOutcome.Stored) outcome).reached()).isEqualTo(AckLevel.SHARED);
  }

  private LookupOutcome lookup(long id) {
    return EngineFixture.join(engine.lookup(EngineFixture.NAMESPACE, EngineFixture.chain(id, 1)));
  }

  private Object read(long id) {
    return EngineFixture.contentOf(
        EngineFixture.join(engine.read(EngineFixture.NAMESPACE, EngineFixture.key(id))));
  }
}
