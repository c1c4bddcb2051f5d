package io.kveik.bench.whatif;

import io.kveik.server.cache.eviction.BlockTraits;
import io.kveik.server.cache.eviction.EvictionPolicy;
import java.util.Arrays;

/**
 * Belady's MIN (1966): evicts the block that is used again last of all, of those used again at the
 * same request the deepest. It knows the future and no policy can beat it: the bound. A parent is
 * never used later than its child, so this never picks a held block.
 *
 * <p>A heap of the free blocks, O(log n) a change; a touch of a held block is O(1). 4 bytes an
 * access and 16 a block, in arrays. Not thread-safe.
 */
final class BeladyMin implements EvictionPolicy {
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int NOT_IN_HEAP = 0;

  private final BlockTrace trace;
  private final int[] cursor;

  /** By access: the request that uses the block next. */
  private final int[] nextRequest;

  private final long[] rank;
  private final int[] place;
  private final int[] heap;
  private int size;

  /**
   * @param cursor its one element is the access that is being made
   */
  BeladyMin(BlockTrace trace, int capacity, int[] cursor) {
    this.trace = trace;
    this.cursor = cursor;
    this.nextRequest = nextRequests(trace);
    this.rank = new long[capacity + 2];
    this.place = new int[capacity + 2];
    this.heap = new int[capacity + 2];
  }

  @Override
  public void requested() {}

  @Override
  public void inserted(int id, BlockTraits traits) {
    rank[id] = currentRank();
    add(id);
  }

  @Override
  public void touched(int id) {
    boolean free = place[id] != NOT_IN_HEAP;
    held(id);
    rank[id] = currentRank();
    if (free) {
      add(id);
    }
  }

  @Override
  public void evicted(int id, long identity) {
    held(id);
  }

  @Override
  public void removed(int id) {
    held(id);
  }

  @Override
  public void held(int id) {
    int hole = place[id];
    if (hole == NOT_IN_HEAP) {
      return;
    }
    place[id] = NOT_IN_HEAP;
    int last = heap[size--];
    if (last != id) {
      if (hole > 1 && rank[last] > rank[heap[hole / 2]]) {
        up(hole, last);
      } else {
        down(hole, last);
      }
    }
  }

  @Override
  public void released(int id) {
    add(id);
  }

  @Override
  public int victim() {
    return size == 0 ? NONE : heap[1];
  }

  @Override
  public void spared(int id) {
    throw new IllegalStateException("MIN spares nobody");
  }

  private long currentRank() {
    int access = cursor[0];
    return (long) nextRequest[access] << Integer.SIZE | trace.depth(trace.block(access));
  }

  private void add(int id) {
    size++;
    up(size, id);
  }

  private void up(int from, int id) {
    int at = from;
    while (at > 1 && rank[id] > rank[heap[at / 2]]) {
      put(at, heap[at / 2]);
      at /= 2;
    }
    put(at, id);
  }

  private void down(int from, int id) {
    int at = from;
    while (2 * at <= size) {
      int child = 2 * at;
      if (child < size && rank[heap[child + 1]] > rank[heap[child]]) {
        child++;
      }
      if (rank[id] >= rank[heap[child]]) {
        break;
      }
      put(at, heap[child]);
      at = child;
    }
    put(at, id);
  }

  private void put(int at, int id) {
    heap[at] = id;
    place[id] = at;
  }

  private static int[] nextRequests(BlockTrace trace) {
    int[] next = new int[trace.accesses()];
    int[] seen = new int[trace.blocks()];
    Arrays.fill(seen, NEVER);
    for (int request = trace.requests() - 1; request >= 0; request--) {
      for (int access = trace.start(request); access < trace.start(request + 1); access++) {
        int block = trace.block(access);
        next[access] = seen[block];
        seen[block] = request;
      }
    }
    return next;
  }
}
