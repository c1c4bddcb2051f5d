package io.kveik.bench.trace;

import java.util.Arrays;

/**
 * Numbers prefixes: a block is its whole prefix, so an id is a node under the node of the id before
 * it. Nodes count from 0 in the order of their insertion, a parent before its children.
 *
 * <p>One open-addressed table from (parent, id) to node, in arrays: at most 44 bytes per node.
 * Insertion and search take O(1). Reading is thread-safe once nothing is inserted any more. At most
 * {@link #MAX_NODES} nodes.
 */
public final class PrefixTrie {
  /** The parent of first ids. */
  public static final int ROOT = -1;

  /** What a search that finds nothing answers. */
  public static final int ABSENT = -2;

  /** The most nodes. */
  public static final int MAX_NODES = 1 << 24;

  private long[] ids = new long[1 << 12];
  private int[] parents = new int[1 << 12];

  /** Per slot: 1 + node, 0 when the slot is free. */
  private int[] slots = new int[1 << 12];

  private int[] parentOf = new int[1 << 11];
  private int size;

  /** The node of that id under that parent, or {@link #ABSENT}. */
  public int find(int parent, long id) {
    int node = slots[slotOf(parent, id)] - 1;
    return node < 0 ? ABSENT : node;
  }

  /**
   * The node of that id under that parent, made if there is none.
   *
   * @throws IllegalStateException when there are {@link #MAX_NODES} nodes already
   */
  public int insert(int parent, long id) {
    int slot = slotOf(parent, id);
    if (slots[slot] != 0) {
      return slots[slot] - 1;
    }
    if (size == MAX_NODES) {
      throw new IllegalStateException("more than %,d different prefixes".formatted(MAX_NODES));
    }
    if (2 * (size + 1) > slots.length) {
      grow();
      slot = slotOf(parent, id);
    }
    occupy(slot, parent, id, size);
    if (size == parentOf.length) {
      parentOf = Arrays.copyOf(parentOf, 2 * size);
    }
    parentOf[size] = parent;
    return size++;
  }

  /** How many nodes there are. */
  public int size() {
    return size;
  }

  /** The node before that one in its prefix, {@link #ROOT} for a first one. */
  public int parent(int node) {
    return parentOf[node];
  }

  private void occupy(int slot, int parent, long id, int node) {
    parents[slot] = parent;
    ids[slot] = id;
    slots[slot] = node + 1;
  }

  /** Where the pair is, or the free slot where it belongs. */
  private int slotOf(int parent, long id) {
    int mask = slots.length - 1;
    long hash = (id + 0x9E3779B97F4A7C15L * (parent + 2L)) * 0xD1342543DE82EF95L;
    int slot = (int) (hash ^ (hash >>> 32)) & mask;
    while (slots[slot] != 0 && (parents[slot] != parent || ids[slot] != id)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldIds = ids;
    int[] oldParents = parents;
    int[] oldSlots = slots;
    int capacity = 2 * oldSlots.length;
    ids = new long[capacity];
    parents = new int[capacity];
    slots = new int[capacity];
    for (int i = 0; i < oldSlots.length; i++) {
      if (oldSlots[i] != 0) {
        occupy(slotOf(oldParents[i], oldIds[i]), oldParents[i], oldIds[i], oldSlots[i] - 1);
      }
    }
  }
}
