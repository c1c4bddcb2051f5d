package io.kveik.server.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.Chain;
import io.kveik.server.cache.EngineOptions;
import io.kveik.server.cache.LookupOutcome;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.WriteOutcome;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.memory.Slab;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.dram.DramTier;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobContainers;
import io.kveik.server.tier.object.BlobStore;
import io.kveik.server.tier.object.ObjectTier;
import io.kveik.server.tier.object.ObjectTierOptions;
import io.kveik.server.tier.object.resilient.ResilienceCounters;
import io.kveik.server.tier.object.resilient.ResilienceOptions;
import io.kveik.server.tier.object.resilient.ResilientBlobStore;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * A cache engine whose shared tier is a vendor's store behind a {@link FaultProxy}: first 30 % of
 * the requests fail, then all, then none. What a client sees of it may be misses, never an error,
 * never a wrong byte; and the store is not asked more than 1.1 times per call.
 */
public final class ObjectStoreFaultRun implements AutoCloseable {
  private static final Fingerprint NAMESPACE = new Fingerprint(9, 8, 7, 6);
  private static final int BLOCKS = 150;
  private static final int PAYLOAD_BYTES = 20_000;
  private static final int CLIENTS = 6;
  private static final ResilienceOptions RESILIENCE =
      new ResilienceOptions(
          1_000,
          2_000,
          3,
          10,
          5,
          100,
          10,
          true,
          new ResilienceOptions.Breaker(10, 800, 500, 2_000),
          4,
          32,
          64,
          4);

  private final String store;
  private final FaultProxy proxy;
  private final long seed;
  private final Slab slab = Slab.anonymous(40L * (PAYLOAD_BYTES + 256));
  private final Scheduler scheduler = Scheduler.system("test-timer");
  private final Workers storage = new Workers("test-storage", 8, 1_000);
  private final ResilientBlobStore resilient;
  private final CacheEngine engine;

  private final AtomicInteger lookups = new AtomicInteger();
  private final AtomicInteger found = new AtomicInteger();
  private final AtomicInteger hits = new AtomicInteger();
  private final AtomicInteger misses = new AtomicInteger();
  private final AtomicInteger writes = new AtomicInteger();
  private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger wrong = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();

  /**
   * @param vendors reaches its server by way of the proxy; closed with this
   * @param proxy closed by the caller, after this
   */
  public ObjectStoreFaultRun(
      BlobStore vendors, BlobContainer container, FaultProxy proxy, long seed) {
    this.store = vendors.name();
    this.proxy = proxy;
    this.seed = seed;
    this.resilient =
        new ResilientBlobStore(
            vendors,
            RESILIENCE,
            new Workers("test-object", 48, 48),
            scheduler,
            Clock.system(),
            new Jitter(seed)::below);
    BlobContainers containers = namespace -> Optional.of(container);
    ObjectTier tier =
        new ObjectTier(
            resilient,
            containers,
            new ObjectTierOptions(1_000, 3_000, 4_000, 10, 10_000, CodecOptions.of(CodecKind.ZSTD)),
            resilient::reachable);
    this.engine =
        new CacheEngine(
            DramTier.transfer(slab),
            List.of(new CacheEngine.Below(tier, AckLevel.SHARED, Long.MAX_VALUE)),
            LeafFirstLru::new,
            new EngineOptions(1_024, 1_000, 8, 5_000, 500, 5_000, 100, 1 << 20, 4, 1_000, false),
            storage,
            scheduler,
            Clock.system());
  }

  private static final class Jitter {
    private final SplittableRandom random;

    Jitter(long seed) {
      this.random = new SplittableRandom(seed);
    }

    synchronized long below(long bound) {
      return random.nextLong(bound);
    }
  }

  /** Writes the blocks while all is well, so that there is something to read. */
  public void fill() {
    for (int id = 1; id <= BLOCKS; id++) {
      int own = id;
      // The first calls of a client that has just been made may take longer than a try.
      await()
          .pollInterval(Duration.ofMillis(10))
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              join(engine.write(command(own, AckLevel.SHARED)))
                      instanceof WriteOutcome.Stored stored
                  && stored.reached() == AckLevel.SHARED);
    }
  }

  public void thirtyPercentFail(int callsPerClient) throws Exception {
    ResilienceCounters counters = resilient.counters();
    proxy.breakPercent(30);
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<?>> done = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        SplittableRandom random = new SplittableRandom(seed + client);
        int own = 10_000 * (client + 1);
        done.add(
            clients.submit(() -> {
              for (int i = 0; i < callsPerClient; i++) {
                callOnce(random, own + i);
              }
            }));
      }
      for (Future<?> one : done) {
        one.get(180, TimeUnit.SECONDS);
      }
    }
    proxy.breakPercent(0);
    // What was earned while all went well may be spent now, so from the opening on.
    long calls = counters.calls.sum();
    double triesPerCall = counters.tries.sum() / (double) calls;
    System.out.printf(
        "%s, 30 %% faults (%s): %d lookups found %d blocks, %d read hits, %d misses, %d writes"
            + " (%d reached shared); %d failed, %d wrong; %d calls, %.3f tries per call (%d"
            + " requests at the store), %d retries, %d hedges, breaker opened %d times%n",
        store,
        proxy.summary(),
        lookups.get(),
        found.get(),
        hits.get(),
        misses.get(),
        writes.get(),
        acknowledged.size(),
        failed.get(),
        wrong.get(),
        calls,
        triesPerCall,
        proxy.requests(),
        counters.retries.sum(),
        counters.hedges.sum(),
        counters.breakerOpened.sum());
    assertThat(failed).as("failed calls").hasValue(0);
    assertThat(wrong).as("wrong blocks").hasValue(0);
    assertThat(hits).as("the tier is of use").hasPositiveValue();
    assertThat(triesPerCall).as("tries per call").isLessThanOrEqualTo(1.1);
  }

  private void callOnce(SplittableRandom random, int freshId) {
    int id = 1 + random.nextInt(BLOCKS);
    try {
      switch (random.nextInt(4)) {
        case 0 -> {
          lookups.incrementAndGet();
          found.addAndGet(lookup(id).blocks().size());
        }
        case 1 -> {
          writes.incrementAndGet();
          AckLevel ack = random.nextBoolean() ? AckLevel.SHARED : AckLevel.MEMORY;
          if (join(engine.write(command(freshId, ack))) instanceof WriteOutcome.Stored stored
              && stored.reached() == AckLevel.SHARED) {
            acknowledged.add(freshId);
          }
        }
        default -> read(id);
      }
    } catch (RuntimeException | AssertionError e) {
      failed.incrementAndGet();
      e.printStackTrace();
    }
  }

  /** Returns true on a hit. */
  private boolean read(int id) {
    switch (join(engine.read(NAMESPACE, key(id)))) {
      case ReadOutcome.Hit(StoredBlock block, _) -> {
        try (block) {
          byte[] expected = TestBlocks.body(id, 0, PAYLOAD_BYTES);
          if (block.payload().mismatch(MemorySegment.ofArray(expected)) != -1) {
            wrong.incrementAndGet();
          }
        }
        hits.incrementAndGet();
        return true;
      }
      case ReadOutcome.Miss _ -> {
        misses.incrementAndGet();
        return false;
      }
    }
  }

  /** Everything fails: the breaker opens; then nothing does: blocks are found again. */
  public void allFailThenHeal() {
    ResilienceCounters counters = resilient.counters();
    long openedBefore = counters.breakerOpened.sum();
    int failedBefore = failed.get();
    proxy.breakPercent(100);
    long startNanos = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    long openedMillis;
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int client = 0; client < CLIENTS; client++) {
        SplittableRandom own = random.split();
        clients.execute(() -> {
          while (counters.breakerOpened.sum() == openedBefore
              && System.nanoTime() - startNanos < 30_000_000_000L) {
            callOnce(own, 100_000 + own.nextInt(100_000));
          }
        });
      }
      await()
          .pollInterval(Duration.ofMillis(1))
          .atMost(Duration.ofSeconds(30))
          .until(() -> counters.breakerOpened.sum() > openedBefore);
      openedMillis = (System.nanoTime() - startNanos) / 1_000_000;
    }
    long triesWhenOpen = counters.tries.sum();
    for (int i = 0; i < 200; i++) {
      callOnce(random, 300_000 + i);
    }
    long triesWhileOpen = counters.tries.sum() - triesWhenOpen;
    proxy.breakPercent(0);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> read(1 + random.nextInt(BLOCKS)) && resilient.openAccounts() == 0);
    System.out.printf(
        "%s, all fail: breaker open %d ms after the first; %d requests for the"
            + " next 200 calls; healed%n",
        store, openedMillis, triesWhileOpen);
    assertThat(failed.get() - failedBefore).isZero();
    assertThat(triesWhileOpen).isLessThan(30);
    assertThat(wrong).hasValue(0);
  }

  /** What was acknowledged at shared is in the store, right to the byte. */
  public void nothingAcknowledgedIsLost() {
    hits.set(0);
    acknowledged.forEach(this::read);
    System.out.printf(
        "%s: %d blocks acknowledged at shared under faults, %d read back, %d wrong%n",
        store, acknowledged.size(), hits.get(), wrong.get());
    assertThat(acknowledged).isNotEmpty();
    assertThat(hits).hasValue(acknowledged.size());
    assertThat(wrong).hasValue(0);
  }

  @Override
  public void close() {
    engine.close();
    storage.close();
    scheduler.close();
    assertThat(slab.liveLeases()).as("leases after close").isZero();
  }

  private LookupOutcome lookup(int id) {
    return join(
        engine.lookup(
            NAMESPACE,
            new Chain() {
              @Override
              public int blocks() {
                return 1;
              }

              @Override
              public BlockKey key(int index, long parentLabel) {
                return ObjectStoreFaultRun.key(id);
              }

              @Override
              public boolean independent() {
                return true;
              }

              @Override
              public void describe(int index, LongConsumer words) {
                words.accept(key(index, 0).w0());
              }
            }));
  }

  private static BlockKey key(int id) {
    return TestBlocks.key(id);
  }

  private static WriteCommand command(int id, AckLevel ack) {
    byte[] payload = TestBlocks.body(id, 0, PAYLOAD_BYTES);
    return new WriteCommand(
        NAMESPACE,
        key(id),
        id,
        0,
        128,
        ElementType.UNDECLARED,
        new byte[0],
        new WriteCommand.Payload() {
          @Override
          public int length() {
            return payload.length;
          }

          @Override
          public void copyTo(MemorySegment target) {
            target.copyFrom(MemorySegment.ofArray(payload));
          }
        },
        OptionalInt.empty(),
        0,
        0,
        ack);
  }

  private static <T> T join(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("no outcome", e);
    }
  }
}
