package io.kveik.bench.whatif;

import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.eviction.BlockTraits;
import io.kveik.server.cache.eviction.EvictionPolicy;

/**
 * A tier of so many blocks under a policy, as the index keeps one: who is there, who is held by a
 * cached child, who goes. Blocks are those of a {@link BlockTrace}; the policy knows them by dense
 * ids of the tier's own, as in the server.
 *
 * <p>O(1) a call besides what the policy takes; 16 bytes a block of the trace. Not thread-safe.
 */
final class CacheModel implements SimulatedCache {
  private static final int ABSENT = 0;

  /** Hears of blocks that go to make room. */
  @FunctionalInterface
  interface EvictionListener {
    void evicted(int block);
  }

  private final BlockTrace trace;
  private final EvictionPolicy policy;
  private final int capacity;
  private final EvictionListener listener;
  private final BlockTraits traits = new BlockTraits();

  /** By block: its id, {@link #ABSENT} when it is not here. */
  private final int[] idOf;

  private final int[] childrenHere;
  private final int[] blockOf;
  private final int[] freeIds;
  private int freeCount;
  private int size;
  private long evictions;

  CacheModel(BlockTrace trace, EvictionPolicy policy, int capacity, EvictionListener listener) {
    this.trace = trace;
    this.policy = policy;
    this.capacity = capacity;
    this.listener = listener;
    this.idOf = new int[trace.blocks()];
    this.childrenHere = new int[trace.blocks()];
    this.blockOf = new int[capacity + 2];
    this.freeIds = new int[capacity + 1];
    for (int id = capacity + 1; id > 0; id--) {
      freeIds[freeCount++] = id;
    }
  }

  @Override
  public boolean has(int block) {
    return idOf[block] != ABSENT;
  }

  int size() {
    return size;
  }

  long evictions() {
    return evictions;
  }

  @Override
  public void requested() {
    policy.requested();
  }

  /** {@inheritDoc} It may push another out, or itself. */
  @Override
  public void use(int block) {
    if (has(block)) {
      policy.touched(idOf[block]);
    } else {
      insert(block);
    }
  }

  @Override
  public void hinted(int block, TurnEnd end) {
    if (has(block)) {
      policy.hinted(idOf[block], end);
    }
  }

  /** Brings a block in that isn't here. */
  void insert(int block) {
    int id = freeIds[--freeCount];
    idOf[block] = id;
    blockOf[id] = block;
    size++;
    policy.inserted(id, traitsOf(block));
    if (childrenHere[block] > 0) {
      policy.held(id);
    }
    int parent = trace.parent(block);
    if (parent != BlockTrace.ROOT && childrenHere[parent]++ == 0 && has(parent)) {
      policy.held(idOf[parent]);
    }
    while (size > capacity) {
      evict();
    }
  }

  boolean isFull() {
    return size == capacity;
  }

  /** The block that goes next; at least one is here. */
  int victim() {
    int id = policy.victim();
    int block = blockOf[id];
    if (id == EvictionPolicy.NONE || !has(block) || isHeld(block)) {
      throw new IllegalStateException("the policy picked id " + id + ", which can't go");
    }
    return block;
  }

  /** Tells the policy of a block that comes and goes at once. */
  void passBy(int block) {
    int id = freeIds[freeCount - 1];
    policy.inserted(id, traitsOf(block));
    policy.evicted(id, identity(block));
  }

  /** Takes a block out that is here, though not for room. */
  void remove(int block) {
    policy.removed(idOf[block]);
    forget(block);
  }

  /** Whether a block has a child here. */
  boolean isHeld(int block) {
    return childrenHere[block] > 0;
  }

  /** Takes out the block that goes next. */
  void evict() {
    int block = victim();
    policy.evicted(idOf[block], identity(block));
    evictions++;
    forget(block);
    listener.evicted(block);
  }

  private BlockTraits traitsOf(int block) {
    traits.identity = identity(block);
    traits.depth = trace.depth(block);
    traits.bodyBytes = 1;
    return traits;
  }

  private void forget(int block) {
    freeIds[freeCount++] = idOf[block];
    idOf[block] = ABSENT;
    size--;
    int parent = trace.parent(block);
    if (parent != BlockTrace.ROOT && --childrenHere[parent] == 0 && has(parent)) {
      policy.released(idOf[parent]);
    }
  }

  /** Spreads block numbers as the server's keys are spread; one to one. */
  private static long identity(int block) {
    long mixed = (block + 1L) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 32) * 0xD1342543DE82EF95L;
    return mixed ^ mixed >>> 29;
  }
}
