package io.kveik.server.prefetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.MovementOptions;
import io.kveik.server.cache.PrefetchOutcome;
import io.kveik.server.cache.Promotion;
import io.kveik.server.cache.ShareOptions;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.dram.DramTier;
import io.kveik.server.tier.fs.FsTier;
import io.kveik.server.tier.fs.FsTierOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Conversations brought back ahead of their turn, over DRAM and files, with time that stands still.
 */
class PrefetcherTest {
  private static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);
  private static final Fingerprint OTHER = new Fingerprint(5, 6, 7, 8);
  private static final int PAYLOAD = 4_000;
  private static final int DRAM_BLOCKS = 64;
  private static final int CHAIN = 10;
  private static final long LEAD_MILLIS = 2_000;

  @TempDir private Path directory;
  private final ManualTime time = new ManualTime();
  private final Workers storage = new Workers("test-storage", 4, 1_000);
  private final Slab slab = Slab.anonymous(DRAM_BLOCKS * (PAYLOAD + 128L) + 256);
  private CacheEngine engine;
  private Prefetcher prefetcher;

  @BeforeEach
  void open() throws IOException {
    MovementOptions movement =
        new MovementOptions(Promotion.ALWAYS, 4, 6, 0, 0, 2, 8 * (PAYLOAD + 64L));
    engine =
        new CacheEngine(
            DramTier.transfer(slab),
            List.of(
                new CacheEngine.Below(
                    FsTier.open(directory, FsTierOptions.of(64 << 20, 1).withFsync(false)),
                    AckLevel.SHARED,
                    64 << 20)),
            LeafFirstLru::new,
            new EngineOptions(
                1_024,
                100,
                4,
                1_000,
                500,
                2_000,
                1_000,
                1 << 20,
                1,
                1_000,
                false,
                movement,
                ShareOptions.NONE),
            storage,
            time,
            time);
    engine.recover();
    prefetcher = new Prefetcher(engine, new Prefetcher.Options(3, LEAD_MILLIS), storage, time);
  }

  @AfterEach
  void close() {
    engine.close();
    storage.close();
    assertThat(slab.liveLeases()).isZero();
  }

  private static BlockKey key(long id) {
    return new BlockKey(id * 0x9E3779B97F4A7C15L, id, id, id);
  }

  private static List<BlockKey> chain(long first) {
    List<BlockKey> keys = new ArrayList<>();
    for (long id = first; id < first + CHAIN; id++) {
      keys.add(key(id));
    }
    return keys;
  }

  private void store(long id, long parent) {
    WriteCommand.Payload payload =
        new WriteCommand.Payload() {
          @Override
          public int length() {
            return PAYLOAD;
          }

          @Override
          public void copyTo(MemorySegment target) {
            target.fill((byte) id);
          }
        };
    try {
      engine
          .write(
              new WriteCommand(
                  NAMESPACE,
                  key(id),
                  id,
                  parent,
                  128,
                  ElementType.UNDECLARED,
                  new byte[0],
                  payload,
                  OptionalInt.empty(),
                  0,
                  0,
                  AckLevel.SHARED))
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("not stored", e);
    }
  }

  private void storeChain(long first) {
    for (long id = first; id < first + CHAIN; id++) {
      store(id, id == first ? 0 : id - 1);
    }
  }

  /** Stores other blocks until none of those before is in DRAM. */
  private void pushOut() {
    for (long id = 10_000; id < 10_000 + 2 * DRAM_BLOCKS; id++) {
      store(id, 0);
    }
  }

  private static TurnHints hints(int conversation, long nextTurnMillis, TurnEnd end) {
    return new TurnHints(
        Optional.of(ContinueId.transfer(new byte[] {(byte) conversation})), nextTurnMillis, end);
  }

  private int inDram(List<BlockKey> chain) {
    return engine.prefetch(NAMESPACE, chain).inMemory();
  }

  @Test
  void aConversationComesBackAheadOfItsTurnAndNotBefore() {
    storeChain(1);
    prefetcher.matched(NAMESPACE, chain(1), hints(7, 30_000, TurnEnd.TOOL_USE));
    pushOut();
    long hitsBefore = engine.status().tiers().get(1).hits();
    time.advance(30_000 - LEAD_MILLIS - 1);
    assertThat(engine.status().tiers().get(1).hits()).isEqualTo(hitsBefore);
    time.advance(1);
    // Eight blocks are within the bound; the first of the chain come first.
    await().until(() -> engine.status().tiers().get(1).hits() - hitsBefore == 8);
    assertThat(inDram(chain(1).subList(0, 8))).isEqualTo(8);
    assertThat(prefetcher.turns(TurnEnd.TOOL_USE)).isEqualTo(1);
  }

  @Test
  void aTurnThatBeginsTakesThePlanBack() {
    storeChain(1);
    prefetcher.matched(NAMESPACE, chain(1), hints(7, 30_000, TurnEnd.END_TURN));
    prefetcher.matched(NAMESPACE, chain(1), hints(7, 0, TurnEnd.UNKNOWN));
    pushOut();
    time.advance(60_000);
    storage.close();
    assertThat(engine.status().tiers().get(1).hits()).isZero();
  }

  @Test
  void whatWasStoredSinceBelongsToTheConversation() {
    storeChain(1);
    prefetcher.matched(NAMESPACE, chain(1).subList(0, 2), hints(7, 0, TurnEnd.UNKNOWN));
    for (BlockKey key : chain(1).subList(2, 5)) {
      prefetcher.stored(NAMESPACE, key, hints(7, 0, TurnEnd.UNKNOWN));
    }
    pushOut();
    PrefetchOutcome outcome =
        prefetcher.prefetch(NAMESPACE, hints(7, 0, TurnEnd.UNKNOWN).conversation().orElseThrow());
    assertThat(outcome).isEqualTo(new PrefetchOutcome(5, 0, 5, false));
    await().until(() -> engine.status().tiers().get(1).hits() == 5);
  }

  @Test
  void conversationsAreTheirNamespacesOwnAndTheOldestIsForgotten() {
    storeChain(1);
    for (int conversation = 1; conversation <= 4; conversation++) {
      prefetcher.matched(NAMESPACE, chain(1), hints(conversation, 0, TurnEnd.UNKNOWN));
    }
    assertThat(prefetcher.conversations()).isEqualTo(3);
    assertThat(prefetcher.prefetch(NAMESPACE, id(1))).isEqualTo(PrefetchOutcome.NOTHING);
    assertThat(prefetcher.prefetch(NAMESPACE, id(4)).known()).isEqualTo(CHAIN);
    assertThat(prefetcher.prefetch(OTHER, id(4))).isEqualTo(PrefetchOutcome.NOTHING);
    prefetcher.matched(OTHER, chain(1), hints(4, 0, TurnEnd.UNKNOWN));
    assertThat(prefetcher.prefetch(OTHER, id(4)))
        .as("another's blocks, named by their keys, are nobody's here")
        .isEqualTo(PrefetchOutcome.NOTHING);
  }

  private static ContinueId id(int conversation) {
    return hints(conversation, 0, TurnEnd.UNKNOWN).conversation().orElseThrow();
  }

  @Test
  void nothingBeyondTheBoundIsTaken() {
    storeChain(1);
    pushOut();
    PrefetchOutcome outcome = engine.prefetch(NAMESPACE, chain(1));
    assertThat(outcome.known()).isEqualTo(CHAIN);
    assertThat(outcome.inMemory()).isZero();
    assertThat(outcome.started()).isEqualTo(8);
    await().until(() -> engine.status().tiers().get(1).hits() == 8);
  }
}
