package io.kveik.server.cache.eviction;

import io.kveik.server.block.TurnEnd;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * Drives policies as a tier does, with made-up traffic over a random tree of blocks: requests for
 * whole prefixes, pins, removals, evictions whenever it is full. Checks on the way that no policy
 * picks what is held and that all pick the same.
 */
final class TierDriver {
  private static final int BLOCKS = 2_000;
  private static final List<TurnEnd> TURN_ENDS = List.of(TurnEnd.values());

  private final Random random;
  private final int capacity;
  private final List<EvictionPolicy> policies;
  private final int[] parents = new int[BLOCKS];
  private final int[] ids = new int[BLOCKS];
  private final int[] blockOf = new int[BLOCKS + 2];
  private final int[] children = new int[BLOCKS];
  private final boolean[] pinned = new boolean[BLOCKS];
  private final Deque<Integer> freeIds = new ArrayDeque<>();
  private final List<Integer> victims = new ArrayList<>();
  private int size;

  TierDriver(long seed, int capacity, EvictionPolicy... policies) {
    this.random = new Random(seed);
    this.capacity = capacity;
    this.policies = List.of(policies);
    for (int block = 0; block < BLOCKS; block++) {
      parents[block] = block < 20 ? -1 : Math.max(0, block - 1 - random.nextInt(40));
      freeIds.add(block + 1);
    }
  }

  /** Blocks that went, in order. */
  List<Integer> run(int steps) {
    for (int step = 0; step < steps; step++) {
      switch (random.nextInt(10)) {
        case 0 -> removeAny();
        case 1 -> pinAny();
        default -> request(skewed());
      }
    }
    return victims;
  }

  /** Evicts until nothing is left; how many that took. */
  int drain() {
    for (int block = 0; block < BLOCKS; block++) {
      unpin(block);
    }
    int drained = 0;
    while (size > 0) {
      evict();
      drained++;
    }
    for (EvictionPolicy policy : policies) {
      check(policy.victim() == EvictionPolicy.NONE, "a victim in an empty tier");
    }
    return drained;
  }

  int size() {
    return size;
  }

  private int skewed() {
    return (int) (BLOCKS * Math.pow(random.nextDouble(), 3));
  }

  private void request(int last) {
    policies.forEach(EvictionPolicy::requested);
    for (int block = last; block >= 0; block = parents[block]) {
      if (ids[block] != 0) {
        for (EvictionPolicy policy : policies) {
          policy.touched(ids[block]);
        }
      } else {
        insert(block);
      }
    }
    TurnEnd end = TURN_ENDS.get(random.nextInt(TURN_ENDS.size()));
    for (int block = last; block >= 0; block = parents[block]) {
      if (ids[block] != 0) {
        for (EvictionPolicy policy : policies) {
          policy.hinted(ids[block], end);
        }
      }
    }
  }

  private void insert(int block) {
    int id = freeIds.remove();
    ids[block] = id;
    blockOf[id] = block;
    size++;
    BlockTraits traits = new BlockTraits();
    traits.identity = identity(block);
    for (EvictionPolicy policy : policies) {
      policy.inserted(id, traits);
      if (children[block] > 0) {
        policy.held(id);
      }
    }
    int parent = parents[block];
    if (parent >= 0 && children[parent]++ == 0 && ids[parent] != 0 && !pinned[parent]) {
      policies.forEach(policy -> policy.held(ids[parent]));
    }
    while (size > capacity) {
      evict();
    }
  }

  private void evict() {
    int id = policies.getFirst().victim();
    for (EvictionPolicy policy : policies) {
      int other = policy.victim();
      check(other == id, "victim %d after %d, not %d".formatted(other, victims.size(), id));
    }
    if (id == EvictionPolicy.NONE) {
      for (int block = 0; block < BLOCKS; block++) {
        check(ids[block] == 0 || held(block), "no victim, though block " + block + " is free");
        unpin(block);
      }
      return;
    }
    int block = blockOf[id];
    check(ids[block] == id && !held(block), "a victim that can't go: block " + block);
    victims.add(block);
    policies.forEach(policy -> policy.evicted(id, identity(block)));
    forget(block);
  }

  private void removeAny() {
    int block = random.nextInt(BLOCKS);
    if (ids[block] != 0) {
      policies.forEach(policy -> policy.removed(ids[block]));
      pinned[block] = false;
      forget(block);
    }
  }

  private void pinAny() {
    int block = skewed();
    if (ids[block] != 0 && !pinned[block]) {
      if (!held(block)) {
        policies.forEach(policy -> policy.held(ids[block]));
      }
      pinned[block] = true;
    } else {
      unpin(block);
    }
  }

  private void unpin(int block) {
    if (pinned[block]) {
      pinned[block] = false;
      if (!held(block)) {
        policies.forEach(policy -> policy.released(ids[block]));
      }
    }
  }

  private boolean held(int block) {
    return pinned[block] || children[block] > 0;
  }

  private void forget(int block) {
    freeIds.add(ids[block]);
    ids[block] = 0;
    size--;
    int parent = parents[block];
    if (parent >= 0 && --children[parent] == 0 && ids[parent] != 0 && !pinned[parent]) {
      policies.forEach(policy -> policy.released(ids[parent]));
    }
  }

  private static long identity(int block) {
    return (block + 1) * 0x9E3779B97F4A7C15L;
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
