package io.kveik.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.LogRetention;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.runtime.ManualTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index and leaf-first LRU together, against a plain model. */
class BlockIndexTest {
  private static final Fingerprint NAMESPACE = new Fingerprint(7, 1, 1, 1);
  private final ManualTime time = new ManualTime();

  /** What the model knows of a block. */
  private record Known(BlockHeader header, long touchedAt) {}

  private static BlockHeader header(long id, long parent, int depth) {
    return new BlockHeader(
        new BlockKey(id * 0x9E3779B97F4A7C15L, id, 0, 0),
        NAMESPACE,
        id,
        parent,
        depth,
        128,
        10,
        (int) (90 + id % 7),
        0,
        0,
        0,
        BlockHeader.NEVER_EXPIRES,
        0);
  }

  private final BlockIndex index = new BlockIndex(1, PolicyKind.LRU, 64, time);

  @AfterEach
  void close() {
    index.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void evictsTheLeastRecentlyUsedLeafAsAPlainModelDoes(long seed) {
    Random random = new Random(seed);
    Map<Long, Known> model = new HashMap<>();
    long clock = 0;
    long nextId = 1;
    for (int step = 0; step < 5_000; step++) {
      int choice = random.nextInt(10);
      if (choice < 5) {
        Long parentId = model.isEmpty() || random.nextInt(4) == 0 ? null : anyOf(model, random);
        int depth = parentId == null ? 0 : known(model, parentId).header().depth() + 1;
        BlockHeader header = header(nextId++, parentId == null ? 0 : parentId, depth);
        assertThat(index.enter(header, 0, false)).isTrue();
        assertThat(index.enter(header, 0, false)).isFalse();
        model.put(header.label(), new Known(header, ++clock));
      } else if (choice < 8 && !model.isEmpty()) {
        List<Long> ids = new ArrayList<>();
        for (long id = anyOf(model, random); model.containsKey(id); ) {
          ids.add(0, id);
          id = known(model, id).header().parentLabel();
        }
        touch(ids.stream().map(id -> known(model, id).header().key()).toList());
        for (int i = ids.size() - 1; i >= 0; i--) {
          model.put(ids.get(i), new Known(known(model, ids.get(i)).header(), ++clock));
        }
      } else {
        Long expected = oldestLeaf(model);
        BlockRef victim = index.eviction().evict(0);
        if (expected == null) {
          assertThat(victim).as("seed %d step %d", seed, step).isNull();
        } else {
          assertThat(victim)
              .as("seed %d step %d", seed, step)
              .isEqualTo(known(model, expected).header().ref());
          model.remove(expected);
        }
      }
      if (step % 500 == 0) {
        assertThat(Holds.anyParentEvictable(index, 0)).isFalse();
      }
    }
    assertThat(index.blocksIn(0)).isEqualTo(model.size());
    assertThat(index.bytesIn(0))
        .isEqualTo(model.values().stream().mapToLong(k -> k.header().bodyLength()).sum());
    assertThat(index.usageOf(NAMESPACE).blocks()).isEqualTo(model.size());
    while (index.eviction().evict(0) != null) {
      // to the last one
    }
    assertThat(index.blocks()).isZero();
    assertThat(index.bytesIn(0)).isZero();
    assertThat(index.namespaces()).isZero();
  }

  private void touch(List<BlockKey> keys) {
    Prefix prefix = new Prefix();
    BlockView view = new BlockView();
    for (BlockKey key : keys) {
      assertThat(index.finder().find(key, view)).as("%s", key).isTrue();
      prefix.add(view);
    }
    index.touch(prefix, keys.size());
  }

  private static Known known(Map<Long, Known> model, long id) {
    Known known = model.get(id);
    if (known == null) {
      throw new AssertionError("not in the model: " + id);
    }
    return known;
  }

  private static long anyOf(Map<Long, Known> model, Random random) {
    List<Long> ids = model.keySet().stream().sorted().toList();
    return ids.get(random.nextInt(ids.size()));
  }

  private static @Nullable Long oldestLeaf(Map<Long, Known> model) {
    Set<Long> parents = new HashSet<>();
    model.values().forEach(known -> parents.add(known.header().parentLabel()));
    Long oldest = null;
    for (Map.Entry<Long, Known> one : model.entrySet()) {
      if (!parents.contains(one.getKey())
          && (oldest == null || one.getValue().touchedAt() < known(model, oldest).touchedAt())) {
        oldest = one.getKey();
      }
    }
    return oldest;
  }

  @Test
  void aLogKeepsWhatIsUsedUnlessItComesDownFromAboveAgain() {
    List<EvictionPolicy.Factory> policies = List.of(PolicyKind.LRU, LogRetention::new);
    try (BlockIndex two =
        new BlockIndex(
            policies, ShareOptions.NONE, 64, KeptSettings.forgetful(), time, RecordMemory.open())) {
      BlockHeader used = header(1, 0, 0);
      BlockHeader unused = header(2, 0, 0);
      for (BlockHeader header : List.of(used, unused)) {
        two.enter(header, 0, false);
        two.enter(header, 1, false);
      }
      Prefix prefix = new Prefix();
      BlockView view = new BlockView();
      assertThat(two.finder().find(used.key(), view)).isTrue();
      prefix.add(view);
      two.touch(prefix, 1);
      assertThat(two.eviction().keep(used.key(), 1, 0)).as("in DRAM").isFalse();
      assertThat(two.eviction().keep(unused.key(), 1, 1)).as("not used").isFalse();
      two.leave(used.key(), 0, Departure.EVICTED);
      assertThat(two.eviction().keep(used.key(), 1, 0)).as("used").isTrue();
      assertThat(two.eviction().keep(used.key(), 1, 0)).as("written again just now").isFalse();
      two.leave(used.key(), 1, Departure.EVICTED);
      assertThat(two.eviction().keep(used.key(), 1, 0)).as("gone").isFalse();
    }
  }

  @Test
  void labelsThatFormACycleCanStillBeEvicted() {
    for (long id = 1; id <= 2; id++) {
      long parent = 3 - id;
      BlockHeader header = header(id, parent, index.depthUnder(NAMESPACE, parent));
      index.enter(header, 0, false);
    }
    BlockHeader own = header(3, 3, index.depthUnder(NAMESPACE, 3));
    index.enter(own, 0, false);
    assertThat(index.eviction().evict(0)).isNotNull();
    assertThat(index.eviction().evict(0)).isNotNull();
    assertThat(index.eviction().evict(0)).isNotNull();
    assertThat(index.blocks()).isZero();
  }

  /** Eight writes of one chain in each order that a few seeds give, then another turn's. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aChainIsOneInWhateverOrderItsBlocksCome(long seed) {
    Random random = new Random(seed);
    List<Long> ids = new ArrayList<>();
    for (int turn = 0; turn < 3; turn++) {
      List<Long> written = new ArrayList<>();
      for (long id = 8L * turn + 1; id <= 8L * turn + 8; id++) {
        written.add(id);
      }
      Collections.shuffle(written, random);
      for (long id : written) {
        index.enter(header(id, id - 1, index.depthUnder(NAMESPACE, id - 1)), 0, false);
      }
      ids.addAll(written);
    }
    for (long id = ids.size(); id > 0; id--) {
      assertThat(index.eviction().evict(0))
          .as("seed %d", seed)
          .isEqualTo(header(id, id - 1, 0).ref());
    }
  }

  @Test
  void blocksAfterAnOvertakenOneHaveTheirDepth() {
    index.enter(header(1, 0, 0), 0, false);
    index.enter(header(3, 2, index.depthUnder(NAMESPACE, 2)), 0, false);
    assertThat(index.depthUnder(NAMESPACE, 3)).as("as far as known").isEqualTo(1);
    index.enter(header(2, 1, index.depthUnder(NAMESPACE, 1)), 0, false);
    index.enter(header(4, 3, index.depthUnder(NAMESPACE, 3)), 0, false);
    assertThat(index.depthUnder(NAMESPACE, 4)).isEqualTo(4);
  }

  @Test
  void heldBlocksStayUntilTheyAreLetGo() {
    BlockHeader header = header(1, 0, 0);
    index.enter(header, 0, true);
    assertThat(index.eviction().evict(0)).isNull();
    index.unhold(header.key(), 0);
    index.unhold(header.key(), 0);
    assertThat(index.eviction().evict(0)).isEqualTo(header.ref());
  }

  @Test
  void priorityIsPassedOverThatOftenAndNoMore() {
    BlockHeader plain = header(1, 0, 0);
    BlockHeader dear =
        new BlockHeader(new BlockKey(99, 99, 0, 0), NAMESPACE, 99, 0, 0, 128, 0, 1, 0, 0, 0, 0, 2);
    index.enter(dear, 0, false);
    index.enter(plain, 0, false);
    assertThat(index.eviction().evict(0)).isEqualTo(plain.ref());
    assertThat(index.eviction().evict(0)).isEqualTo(dear.ref());
  }

  @Test
  void remembersWhyABlockLeft() {
    BlockHeader header = header(1, 0, 0);
    index.enter(header, 0, false);
    touch(List.of(header.key()));
    index.eviction().evict(0);
    time.advance(1_500);
    GhostTable.Ghost ghost = index.ghost(header.key()).orElseThrow();
    assertThat(ghost).isEqualTo(new GhostTable.Ghost(Departure.EVICTED, 1_500, 1));
    assertThat(index.ghost(header(2, 0, 0).key())).isEmpty();
  }

  @Test
  void ghostsForgetTheOldestFirst() {
    GhostTable ghosts = new GhostTable(64, 0);
    for (long id = 0; id < 10_000; id++) {
      time.advance(1);
      ghosts.remember(header(id, 0, 0).key(), Departure.EVICTED, 0, time.nanoTime());
    }
    long remembered = 0;
    for (long id = 9_900; id < 10_000; id++) {
      remembered += ghosts.recall(header(id, 0, 0).key(), time.nanoTime()).isPresent() ? 1 : 0;
    }
    assertThat(ghosts.capacity()).isEqualTo(64);
    assertThat(remembered).isBetween(40L, 64L);
    assertThat(ghosts.recall(header(1, 0, 0).key(), time.nanoTime())).isEmpty();
  }
}
