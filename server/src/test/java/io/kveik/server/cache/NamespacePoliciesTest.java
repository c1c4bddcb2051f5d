package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.EvictionPolicy;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tiers in which namespaces have eviction policies of their own. */
final class NamespacePoliciesTest {
  private static final int BODY = 100;
  private static final int CHAIN = 4;
  private static final Fingerprint ONE = namespace(0);
  private static final Fingerprint OTHER = namespace(1);

  private final ManualTime time = new ManualTime();

  private BlockIndex index(EvictionPolicy.Factory policy, int tiers) {
    return new BlockIndex(
        Collections.nCopies(tiers, policy),
        ShareOptions.NONE,
        64,
        KeptSettings.forgetful(),
        time,
        RecordMemory.open());
  }

  @Test
  void eachNamespaceIsOrderedByItsOwnPolicy() {
    try (BlockIndex index = index(PolicyKind.LRU, 1)) {
      index.settings().setPolicy(OTHER, PolicyKind.S3_FIFO);
      for (Fingerprint namespace : List.of(ONE, OTHER)) {
        write(index, namespace, 0);
        touch(index, namespace, 0);
        touch(index, namespace, 0);
        for (int chain = 1; chain < 20; chain++) {
          write(index, namespace, chain * CHAIN);
        }
      }
      assertThat(evictOf(index, ONE)).as("least recently used").isEqualTo(key(ONE, 0));
      assertThat(evictOf(index, OTHER)).as("used once").isEqualTo(key(OTHER, CHAIN));
    }
  }

  @Test
  void blocksFollowAChangeAndBackAgain() {
    try (BlockIndex index = index(PolicyKind.LRU, 1)) {
      for (int chain = 0; chain < 20; chain++) {
        write(index, ONE, chain * CHAIN);
      }
      index.settings().setPolicy(ONE, PolicyKind.S3_FIFO);
      assertThat(follow(index, ONE, 20 * CHAIN)).isEqualTo(20);
      assertThat(follow(index, ONE, 20 * CHAIN)).as("again").isZero();
      touch(index, ONE, 0);
      touch(index, ONE, 0);
      assertThat(evictOf(index, ONE)).isEqualTo(key(ONE, CHAIN));
      index.settings().setPolicy(ONE, null);
      assertThat(follow(index, ONE, 20 * CHAIN)).isEqualTo(19);
      touch(index, ONE, 2 * CHAIN);
      assertThat(evictOf(index, ONE)).as("not that it was used twice").isEqualTo(key(ONE, 0));
    }
  }

  @Test
  void beforeTheyFollowBlocksOfANamespaceAreStillFound() {
    try (BlockIndex index = index(PolicyKind.LRU, 1)) {
      write(index, ONE, 0);
      index.settings().setPolicy(ONE, PolicyKind.ARC);
      assertThat(evictOf(index, ONE)).isEqualTo(key(ONE, 0));
    }
  }

  @Test
  void thePolicyOutlivesTheBlocks() {
    try (BlockIndex index = index(PolicyKind.LRU, 1)) {
      index.settings().setPolicy(ONE, PolicyKind.S3_FIFO);
      write(index, ONE, 0);
      assertThat(evictOf(index, ONE)).isNotNull();
      assertThat(index.namespaces()).isZero();
      write(index, ONE, 0);
      assertThat(follow(index, ONE, 1)).as("blocks with another policy").isZero();
    }
  }

  /** A factory without a name makes the second LRU a group of its own. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void twoGroupsUnderLruEvictExactlyWhatOneWould(long seed) {
    List<BlockRef> together = lruVictims(seed, false);
    assertThat(lruVictims(seed, true)).as("seed %d", seed).isNotEmpty().isEqualTo(together);
  }

  private List<BlockRef> lruVictims(long seed, boolean apart) {
    Random random = new Random(seed);
    List<BlockRef> victims = new ArrayList<>();
    EvictionPolicy.Factory nameless = PolicyKind.LRU::apply;
    try (BlockIndex index = index(nameless, 1)) {
      if (apart) {
        index.settings().setPolicy(OTHER, PolicyKind.LRU);
      }
      for (int step = 0; step < 5_000; step++) {
        Fingerprint namespace = random.nextInt(3) == 0 ? OTHER : ONE;
        int id = random.nextInt(300);
        if (random.nextBoolean()) {
          touch(index, namespace, id);
        } else {
          write(index, namespace, id);
        }
        while (index.blocks() > 200) {
          victims.add(Objects.requireNonNull(index.eviction().evict(0)));
        }
      }
    }
    return victims;
  }

  /** The same kind in one group and in two: what age alone decides between them. */
  @ParameterizedTest
  @EnumSource
  void twoGroupsOfAKindHitAboutAsOftenAsOne(PolicyKind kind) {
    double together = hitRatio(kind, false);
    double apart = hitRatio(kind, true);
    System.out.printf("%s: one group %.3f, two %.3f%n", kind.key(), together, apart);
    assertThat(apart).isCloseTo(together, within(0.03));
  }

  /** Two namespaces look up and write chains, some far more often than others, and scan. */
  private double hitRatio(PolicyKind kind, boolean apart) {
    Random random = new Random(11);
    EvictionPolicy.Factory nameless = kind::apply;
    int hits = 0;
    int asked = 0;
    try (BlockIndex index = index(nameless, 1)) {
      if (apart) {
        index.settings().setPolicy(OTHER, kind);
      }
      for (int request = 0; request < 8_000; request++) {
        Fingerprint namespace = random.nextInt(3) == 0 ? OTHER : ONE;
        boolean once = random.nextInt(4) == 0;
        int chain = once ? 1_000 + request : (int) (300 * Math.pow(random.nextDouble(), 2));
        List<BlockKey> found = prefix(index, namespace, chain);
        hits += found.size();
        asked += CHAIN;
        touch(index, found);
        for (int depth = CHAIN - 1; depth >= 0; depth--) {
          write(index, namespace, chain * CHAIN + depth);
        }
        while (index.blocks() > 400) {
          assertThat(index.eviction().evict(0)).isNotNull();
        }
      }
    }
    return (double) hits / asked;
  }

  private static List<BlockKey> prefix(BlockIndex index, Fingerprint namespace, int chain) {
    List<BlockKey> found = new ArrayList<>();
    while (found.size() < CHAIN
        && index.finder().inTier(key(namespace, chain * CHAIN + found.size()), 0)) {
      found.add(key(namespace, chain * CHAIN + found.size()));
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void accountsAreExactParentsStayAndTheSameSeedHasTheSameVictims(long seed) {
    assertThat(churn(seed)).as("seed %d", seed).isNotEmpty().isEqualTo(churn(seed));
  }

  /** Random changes of blocks and of policies in two tiers, recounted; the victims in order. */
  private List<BlockRef> churn(long seed) {
    Random random = new Random(seed);
    List<BlockRef> victims = new ArrayList<>();
    Map<BlockRef, long[]> model = new HashMap<>();
    PolicyKind own = kind(random);
    try (BlockIndex index = index(own, 2)) {
      for (int step = 0; step < 6_000; step++) {
        Fingerprint namespace = namespace(random.nextInt(4));
        int tier = random.nextInt(2);
        int id = random.nextInt(400);
        BlockHeader header = header(namespace, id);
        BlockRef gone =
            switch (random.nextInt(10)) {
              case 0, 1, 2, 3 -> {
                if (index.enter(header, tier, false)) {
                  model.computeIfAbsent(header.ref(), _ -> new long[2])[tier] = BODY;
                }
                yield null;
              }
              case 4 -> {
                touch(index, namespace, id);
                yield null;
              }
              case 5 -> {
                if (random.nextInt(20) == 0) {
                  index
                      .settings()
                      .setPolicy(namespace, random.nextInt(3) == 0 ? null : kind(random));
                }
                yield null;
              }
              case 6 -> {
                index.settings().followPolicy(header.ref());
                yield null;
              }
              case 7 -> index.eviction().evict(tier);
              case 8 -> index.eviction().evictOf(namespace, tier);
              default -> index.leave(header.key(), tier, Departure.DELETED) ? header.ref() : null;
            };
        if (gone != null) {
          victims.add(gone);
          assertThat(model).as("seed %d step %d", seed, step).containsKey(gone);
          Objects.requireNonNull(model.get(gone))[tier] = 0;
        }
        if (step % 200 == 0) {
          recount(index, model, "seed %d step %d".formatted(seed, step));
        }
      }
      for (int tier = 0; tier < 2; tier++) {
        while (index.eviction().evict(tier) != null) {
          // to the last one
        }
        assertThat(index.bytesIn(tier)).as("seed %d", seed).isZero();
      }
      assertThat(index.namespaces()).as("seed %d", seed).isZero();
    }
    return victims;
  }

  private static void recount(BlockIndex index, Map<BlockRef, long[]> model, String at) {
    for (int tier = 0; tier < 2; tier++) {
      int place = tier;
      assertThat(Holds.anyParentEvictable(index, tier)).as(at).isFalse();
      assertThat(index.bytesIn(tier))
          .as(at)
          .isEqualTo(model.values().stream().mapToLong(bytes -> bytes[place]).sum());
    }
  }

  private static PolicyKind kind(Random random) {
    PolicyKind[] kinds = PolicyKind.values();
    return kinds[random.nextInt(kinds.length)];
  }

  /** Has blocks up to a number follow their namespace's policy; returns how many did. */
  private static int follow(BlockIndex index, Fingerprint namespace, int ids) {
    int moved = 0;
    for (int id = 0; id < ids; id++) {
      moved += index.settings().followPolicy(header(namespace, id).ref()) ? 1 : 0;
    }
    return moved;
  }

  private static BlockKey evictOf(BlockIndex index, Fingerprint namespace) {
    return Objects.requireNonNull(index.eviction().evictOf(namespace, 0)).key();
  }

  private static void write(BlockIndex index, Fingerprint namespace, int id) {
    index.enter(header(namespace, id), 0, false);
  }

  /** Touches a block with those before it in its chain, as a lookup does. */
  private static void touch(BlockIndex index, Fingerprint namespace, int id) {
    List<BlockKey> keys = new ArrayList<>();
    for (int one = id - id % CHAIN; one <= id; one++) {
      keys.add(key(namespace, one));
    }
    touch(index, keys);
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

  /** Block n has the label n + 1; every {@value #CHAIN}th begins a chain. */
  private static BlockHeader header(Fingerprint namespace, int id) {
    int depth = id % CHAIN;
    return new BlockHeader(
        key(namespace, id),
        namespace,
        id + 1,
        depth == 0 ? 0 : id,
        depth,
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
