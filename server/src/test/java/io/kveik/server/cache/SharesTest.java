package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.runtime.ManualTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Namespaces that share an index: what each keeps, and that the accounts are right. */
class SharesTest {
  private static final List<PolicyKind> POLICIES = List.of(PolicyKind.values());
  private static final Fingerprint SCANNER = new Fingerprint(1, 1, 1, 1);
  private static final Fingerprint TENANT = new Fingerprint(2, 2, 2, 2);
  private static final ShareOptions EQUAL =
      new ShareOptions(100, Long.MAX_VALUE, TimeUnit.HOURS.toMillis(1));
  private static final int CAPACITY = 1_000;
  private static final int WORKING_SET = 300;
  private static final int SCANNED = 20 * CAPACITY;
  private static final int CHAIN = 3;
  private static final int BODY = 100;
  private static final int NO_PARENT = -1;

  private final ManualTime time = new ManualTime();

  private BlockIndex index(PolicyKind policy, int tiers, ShareOptions shares) {
    return new BlockIndex(
        Collections.nCopies(tiers, policy),
        shares,
        64,
        KeptSettings.forgetful(),
        time,
        RecordMemory.open());
  }

  @ParameterizedTest
  @EnumSource
  void aScanTakesNothingFromAWorkingSetBelowItsShare(PolicyKind policy) {
    try (BlockIndex index = index(policy, 1, EQUAL)) {
      double alone = hitRatio(index, 0, 40);
      double beside = hitRatio(index, SCANNED, 40);
      assertThat(index.bytesIn(0, TENANT)).isEqualTo((long) WORKING_SET * BODY);
      assertThat(beside).isGreaterThanOrEqualTo(alone - 0.02);
    }
  }

  @Test
  void withoutSharesTheSameScanFlushesIt() {
    try (BlockIndex index = index(PolicyKind.LRU, 1, ShareOptions.NONE)) {
      hitRatio(index, 0, 40);
      assertThat(hitRatio(index, SCANNED, 40)).isLessThan(0.5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aScanTakesNothingFromASilentNamespaceUntilItIsIdle(PolicyKind policy) {
    try (BlockIndex index = index(policy, 1, EQUAL)) {
      hitRatio(index, 0, 40);
      scan(index, 1, SCANNED);
      assertThat(index.bytesIn(0, TENANT)).isEqualTo((long) WORKING_SET * BODY);
      time.advance(EQUAL.idleMillis());
      scan(index, SCANNED + 1, SCANNED);
      assertThat(index.bytesIn(0, TENANT)).isLessThan((long) WORKING_SET * BODY);
    }
  }

  @Test
  void whoHasMoreThanItsShareIsTakenDownToItAndNotBelow() {
    try (BlockIndex index = index(PolicyKind.LRU, 1, EQUAL)) {
      for (int i = 0; i < CAPACITY; i++) {
        write(index, TENANT, i, 0);
      }
      scan(index, 1, SCANNED);
      long share = (long) CAPACITY / 2 * BODY;
      assertThat(index.bytesIn(0, TENANT)).isBetween(share - BODY, share);
    }
  }

  @Test
  void aSmallerShareProtectsLess() {
    ShareOptions tenth = new ShareOptions(10, Long.MAX_VALUE, EQUAL.idleMillis());
    try (BlockIndex index = index(PolicyKind.LRU, 1, tenth)) {
      hitRatio(index, 0, 40);
      scan(index, 1, SCANNED);
      long share = (long) CAPACITY / 10 * BODY;
      assertThat(index.bytesIn(0, TENANT)).isBetween(share - BODY, share);
    }
  }

  @Test
  void whereAllThatCouldGoIsProtectedItGoesAfterAll() {
    try (BlockIndex index = index(PolicyKind.LRU, 1, EQUAL)) {
      for (int i = 0; i < 20; i++) {
        index.enter(header(SCANNER, i, NO_PARENT), 0, true);
      }
      for (int i = 0; i < 10; i++) {
        index.enter(header(TENANT, i, NO_PARENT), 0, false);
      }
      for (int left = 9; left >= 0; left--) {
        assertThat(index.eviction().evict(0)).isNotNull();
        assertThat(index.bytesIn(0, TENANT)).isEqualTo((long) left * BODY);
      }
      assertThat(index.eviction().evict(0)).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void accountsAreExactParentsStayAndTheSameSeedHasTheSameVictims(long seed) {
    assertThat(churn(seed)).as("seed %d", seed).isNotEmpty().isEqualTo(churn(seed));
  }

  /** Random changes by several namespaces in two tiers, recounted; the victims in order. */
  private List<BlockRef> churn(long seed) {
    Random random = new Random(seed);
    PolicyKind policy = POLICIES.get((int) (seed % POLICIES.size()));
    List<BlockRef> victims = new ArrayList<>();
    Map<BlockRef, long[]> model = new HashMap<>();
    try (BlockIndex index = index(policy, 2, EQUAL)) {
      for (int step = 0; step < 6_000; step++) {
        Fingerprint namespace = namespace(random.nextInt(4) * random.nextInt(2));
        int tier = random.nextInt(2);
        int id = random.nextInt(400);
        BlockHeader header = header(namespace, id, id % 7 == 0 ? NO_PARENT : id - 1);
        BlockRef gone =
            switch (random.nextInt(8)) {
              case 0, 1, 2, 3 -> {
                if (index.enter(header, tier, false)) {
                  model.computeIfAbsent(header.ref(), _ -> new long[2])[tier] = header.bodyLength();
                }
                yield null;
              }
              case 4 -> {
                touch(index, List.of(header.key()));
                yield null;
              }
              case 5 -> index.eviction().evict(tier);
              case 6 -> {
                BlockRef victim = index.eviction().evictOf(namespace, tier);
                if (victim != null) {
                  assertThat(victim.namespace()).isEqualTo(namespace);
                }
                yield victim;
              }
              default -> index.leave(header.key(), tier, Departure.DELETED) ? header.ref() : null;
            };
        if (gone != null) {
          victims.add(gone);
          assertThat(model).as("seed %d step %d", seed, step).containsKey(gone);
          Objects.requireNonNull(model.get(gone))[tier] = 0;
        }
        if (step % 200 == 0) {
          recount(index, model, seed, step);
        }
      }
      recount(index, model, seed, -1);
      for (int tier = 0; tier < 2; tier++) {
        while (index.eviction().evict(tier) != null) {
          // to the last one
        }
        assertThat(index.bytesIn(tier)).isZero();
      }
      assertThat(index.namespaces()).isZero();
    }
    return victims;
  }

  private static void recount(BlockIndex index, Map<BlockRef, long[]> model, long seed, int step) {
    for (int tier = 0; tier < 2; tier++) {
      int place = tier;
      assertThat(Holds.anyParentEvictable(index, tier)).as("seed %d step %d", seed, step).isFalse();
      for (int i = 0; i < 4; i++) {
        Fingerprint namespace = namespace(i);
        long expected =
            model.entrySet().stream()
                .filter(one -> one.getKey().namespace().equals(namespace))
                .mapToLong(one -> one.getValue()[place])
                .sum();
        assertThat(index.bytesIn(tier, namespace))
            .as("seed %d step %d tier %d namespace %d", seed, step, tier, i)
            .isEqualTo(expected);
      }
    }
  }

  /**
   * The tenant looks chains of its working set up and writes what is missing, the scanner writes
   * between the lookups.
   *
   * @param scanned blocks that the scanner writes in all; 0: as many lookups without it
   * @param scannedPerLookup between two lookups
   */
  private double hitRatio(BlockIndex index, int scanned, int scannedPerLookup) {
    Random random = new Random(7);
    int hits = 0;
    int asked = 0;
    for (int i = 0; i < SCANNED / scannedPerLookup; i++) {
      int first = random.nextInt(WORKING_SET / CHAIN) * CHAIN;
      List<BlockKey> found = new ArrayList<>();
      for (int depth = 0; depth < CHAIN; depth++) {
        BlockKey key = key(TENANT, first + depth);
        if (found.size() == depth && index.finder().inTier(key, 0)) {
          found.add(key);
        }
      }
      touch(index, found);
      for (int depth = 0; depth < CHAIN; depth++) {
        write(index, TENANT, first + depth, depth);
      }
      hits += found.size();
      asked += CHAIN;
      if (scanned > 0) {
        scan(index, 1 + i * scannedPerLookup, scannedPerLookup);
      }
    }
    for (int id = 0; id < WORKING_SET; id++) {
      write(index, TENANT, id, id % CHAIN);
    }
    return (double) hits / asked;
  }

  private static void scan(BlockIndex index, int firstId, int blocks) {
    for (int i = 0; i < blocks; i++) {
      write(index, SCANNER, firstId + i, 0);
    }
  }

  private static void write(BlockIndex index, Fingerprint namespace, int id, int depth) {
    if (index.enter(header(namespace, id, depth == 0 ? NO_PARENT : id - 1), 0, false)) {
      while (index.bytesIn(0) > (long) CAPACITY * BODY) {
        assertThat(index.eviction().evict(0)).isNotNull();
      }
    }
  }

  private static void touch(BlockIndex index, List<BlockKey> keys) {
    Prefix prefix = new Prefix();
    BlockView view = new BlockView();
    int found = 0;
    for (BlockKey key : keys) {
      if (index.finder().find(key, view)) {
        prefix.add(view);
        found++;
      }
    }
    index.touch(prefix, found);
  }

  private static Fingerprint namespace(int number) {
    return new Fingerprint(number + 1, number, number, number);
  }

  private static BlockKey key(Fingerprint namespace, long id) {
    return new BlockKey(
        (id + 1) * 0x9E3779B97F4A7C15L ^ namespace.w0() << 60, id, namespace.w0(), id);
  }

  /** Block n has the label n + 1. */
  private static BlockHeader header(Fingerprint namespace, long id, long parent) {
    return new BlockHeader(
        key(namespace, id),
        namespace,
        id + 1,
        parent + 1,
        0,
        128,
        0,
        BODY,
        0,
        0,
        0,
        BlockHeader.NEVER_EXPIRES,
        0);
  }
}
