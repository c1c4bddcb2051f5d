package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.ManualTime;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.dram.DramTier;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** An engine over DRAM and one tier whose faults the test controls, with time that stands still. */
final class EngineFixture implements AutoCloseable {
  static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);
  static final Fingerprint OTHER = new Fingerprint(5, 6, 7, 8);
  static final int PAYLOAD = 4_000;

  /** Payload and attributes of a block. */
  static final int BODY = PAYLOAD + 3;

  final ManualTime time = new ManualTime();
  final FaultyTier below = new FaultyTier(16 << 20);
  final Slab slab;
  final Workers storage = new Workers("test-storage", 4, 10_000);
  final CacheEngine engine;

  EngineFixture(int dramBlocks, int queueBlocks, boolean withLowerTier) {
    this(dramBlocks, queueBlocks, withLowerTier, Long.MAX_VALUE);
  }

  EngineFixture(int dramBlocks, int queueBlocks, boolean withLowerTier, long lowerCapacity) {
    this(
        dramBlocks,
        queueBlocks,
        withLowerTier,
        lowerCapacity,
        Admission.WRITE,
        MovementOptions.UNBOUNDED);
  }

  EngineFixture(
      int dramBlocks, int queueBlocks, boolean withLowerTier, Journal<OwedRemoval> deletions) {
    this(
        dramBlocks,
        queueBlocks,
        withLowerTier,
        Long.MAX_VALUE,
        Admission.WRITE,
        MovementOptions.UNBOUNDED,
        ShareOptions.NONE,
        control(dramBlocks),
        deletions,
        KeptSettings.forgetful());
  }

  EngineFixture(int dramBlocks, int queueBlocks, boolean withLowerTier, KeptSettings kept) {
    this(
        dramBlocks,
        queueBlocks,
        withLowerTier,
        Long.MAX_VALUE,
        Admission.WRITE,
        MovementOptions.UNBOUNDED,
        ShareOptions.NONE,
        control(dramBlocks),
        Journal.forgetful(),
        kept);
  }

  EngineFixture(int dramBlocks, int queueBlocks, boolean withLowerTier, ControlOptions control) {
    this(
        dramBlocks,
        queueBlocks,
        withLowerTier,
        Long.MAX_VALUE,
        Admission.WRITE,
        MovementOptions.UNBOUNDED,
        ShareOptions.NONE,
        control,
        Journal.forgetful(),
        KeptSettings.forgetful());
  }

  /** Over a tier that takes what DRAM evicts, by one of the rules. */
  static EngineFixture demoting(int dramBlocks, int queueBlocks, Admission admission) {
    return new EngineFixture(
        dramBlocks, queueBlocks, true, Long.MAX_VALUE, admission, MovementOptions.UNBOUNDED);
  }

  /** Over a tier that blocks move to and from by these rules. */
  static EngineFixture moving(int dramBlocks, int queueBlocks, MovementOptions movement) {
    return new EngineFixture(
        dramBlocks, queueBlocks, true, Long.MAX_VALUE, Admission.WRITE, movement);
  }

  /** Over a tier that demotes or not, each namespace within so many blocks of DRAM. */
  static EngineFixture withQuota(int dramBlocks, int quotaBlocks, Admission admission) {
    return new EngineFixture(
        dramBlocks,
        8,
        true,
        Long.MAX_VALUE,
        admission,
        MovementOptions.UNBOUNDED,
        new ShareOptions(100, (long) quotaBlocks * BODY, 1_000),
        control(dramBlocks),
        Journal.forgetful(),
        KeptSettings.forgetful());
  }

  private EngineFixture(
      int dramBlocks,
      int queueBlocks,
      boolean withLowerTier,
      long lowerCapacity,
      Admission admission,
      MovementOptions movement) {
    this(
        dramBlocks,
        queueBlocks,
        withLowerTier,
        lowerCapacity,
        admission,
        movement,
        ShareOptions.NONE,
        control(dramBlocks),
        Journal.forgetful(),
        KeptSettings.forgetful());
  }

  private EngineFixture(
      int dramBlocks,
      int queueBlocks,
      boolean withLowerTier,
      long lowerCapacity,
      Admission admission,
      MovementOptions movement,
      ShareOptions shares,
      ControlOptions control,
      Journal<OwedRemoval> deletions,
      KeptSettings kept) {
    // A little more than the blocks take, less than one block more.
    slab = Slab.anonymous((long) dramBlocks * (PAYLOAD + 128) + 256);
    engine =
        new CacheEngine(
            DramTier.transfer(slab),
            withLowerTier
                ? List.of(new CacheEngine.Below(below, AckLevel.SHARED, lowerCapacity, admission))
                : List.of(),
            PolicyKind.LRU,
            options(queueBlocks).with(movement).with(shares),
            control,
            deletions,
            kept,
            storage,
            time,
            time);
  }

  private static ControlOptions control(int dramBlocks) {
    return ControlOptions.small((long) dramBlocks * (PAYLOAD + 128) + 256);
  }

  static EngineOptions options(int queueBlocks) {
    return new EngineOptions(
        1_024, 100, 4, 1_000, 500, 2_000, queueBlocks, 1 << 20, 1, 1_000, false);
  }

  static BlockKey key(long id) {
    return new BlockKey(id * 0x9E3779B97F4A7C15L, id, id, id);
  }

  /** A chain whose block i has the label and key {@code first + i}, all known from the start. */
  static Chain chain(long first, int blocks) {
    return chain(first, blocks, true);
  }

  /** The same; if it isn't independent, each key is asked for with the label before it. */
  static Chain chain(long first, int blocks, boolean independent) {
    return new Chain() {
      @Override
      public int blocks() {
        return blocks;
      }

      @Override
      public BlockKey key(int index, long parentLabel) {
        assertThat(independent || parentLabel == (index == 0 ? 0 : first + index - 1)).isTrue();
        return EngineFixture.key(first + index);
      }

      @Override
      public boolean independent() {
        return independent;
      }

      @Override
      public void describe(int index, LongConsumer words) {
        words.accept(key(index, 0).w0());
      }
    };
  }

  static WriteCommand command(long id, long parent, AckLevel ack) {
    return command(id, parent, ack, 0, (byte) id);
  }

  static WriteCommand command(long id, long parent, AckLevel ack, long ttlMillis, byte fill) {
    return new WriteCommand(
        NAMESPACE,
        key(id),
        id,
        parent,
        128,
        ElementType.BF16,
        new byte[] {1, 2, 3},
        new WriteCommand.Payload() {
          @Override
          public int length() {
            return PAYLOAD;
          }

          @Override
          public void copyTo(MemorySegment target) {
            target.fill(fill);
          }
        },
        OptionalInt.empty(),
        ttlMillis,
        0,
        ack);
  }

  WriteOutcome write(long id, long parent, AckLevel ack) {
    return join(engine.write(command(id, parent, ack)));
  }

  LookupOutcome lookup(long first, int blocks) {
    return join(engine.lookup(NAMESPACE, chain(first, blocks)));
  }

  /** The fill byte of the block, or the reason there was none. */
  Object read(long id) {
    return contentOf(join(engine.read(NAMESPACE, key(id))));
  }

  static Object contentOf(ReadOutcome outcome) {
    return switch (outcome) {
      case ReadOutcome.Hit(StoredBlock block, _) -> {
        try (block) {
          yield block.payload().get(ValueLayout.JAVA_BYTE, PAYLOAD - 1);
        }
      }
      case ReadOutcome.Miss(ReadOutcome.Reason reason, _) -> reason;
    };
  }

  static <T> T join(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("no outcome", e);
    }
  }

  /** DRAM first. */
  EngineStatus.TierStatus status(int tier) {
    return engine.status().tiers().get(tier);
  }

  /** Leases open beside those that the blocks in the tiers hold themselves. */
  long strayLeases() {
    EngineStatus status = engine.status();
    List<Long> counts = new ArrayList<>();
    counts.add(slab.liveLeases() - status.tiers().get(0).usage().blocks());
    counts.add(below.liveLeases() - below.usage().blocks());
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public void close() {
    below.resume();
    engine.close();
    below.destroy();
    storage.close();
    if (slab.liveLeases() != 0 || below.liveLeases() != 0) {
      throw new AssertionError(
          "leases left: dram " + slab.liveLeases() + ", below " + below.liveLeases());
    }
  }
}
