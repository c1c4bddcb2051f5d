package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;

/**
 * ARC (Megiddo and Modha, FAST 2003) among the blocks that may go: one LRU list of blocks that came
 * once, one of those that were used again, and ghosts of both, whose return shifts the room between
 * them.
 *
 * <p>A touch is O(1), the rest O(log n) at worst. 16 bytes a block and 36 a ghost, one ghost a
 * block. Single-threaded.
 */
public final class Arc implements EvictionPolicy {
  private static final int RECENT = 0;
  private static final int FREQUENT = 1;

  private final LeafRecords records;
  private final LeafQueue[] free;
  private final Ghosts[] ghosts;
  private final int[] blocks = new int[2];

  /** How many recent blocks there should be. */
  private double recentTarget;

  /** The latest that came in was a ghost of the frequent. */
  private boolean frequentReturned;

  /** The most blocks there have been when one had to go. */
  private int capacity;

  /**
   * @param memory where its records are; outlives it
   */
  public Arc(RecordMemory memory) {
    this.records = new LeafRecords(memory);
    this.free = new LeafQueue[] {new LeafQueue(records, memory), new LeafQueue(records, memory)};
    this.ghosts = new Ghosts[] {new Ghosts(memory), new Ghosts(memory)};
  }

  @Override
  public void prepare(int highestId) {
    records.ensure(highestId);
  }

  @Override
  public void requested() {}

  @Override
  public void inserted(int id, BlockTraits traits) {
    int list = returned(traits.identity) ? FREQUENT : RECENT;
    records.enter(id, list);
    blocks[list]++;
    free[list].add(id);
  }

  @Override
  public void touched(int id) {
    int list = records.mark(id);
    boolean isFree = !records.isHeld(id);
    free[list].remove(id);
    blocks[list]--;
    blocks[FREQUENT]++;
    records.setMark(id, FREQUENT);
    records.renew(id);
    if (isFree) {
      free[FREQUENT].add(id);
    }
  }

  @Override
  public void evicted(int id, long identity) {
    capacity = blocks[RECENT] + blocks[FREQUENT];
    int list = records.mark(id);
    removed(id);
    ghosts[list].add(identity, 0);
    while (ghosts[RECENT].size() > 0 && ghosts[RECENT].size() + blocks[RECENT] > capacity) {
      ghosts[RECENT].remove(ghosts[RECENT].oldest());
    }
    while (ghosts[FREQUENT].size() > 0
        && ghosts[RECENT].size() + ghosts[FREQUENT].size() > capacity) {
      ghosts[FREQUENT].remove(ghosts[FREQUENT].oldest());
    }
  }

  @Override
  public void removed(int id) {
    int list = records.mark(id);
    free[list].remove(id);
    blocks[list]--;
  }

  @Override
  public void held(int id) {
    free[records.mark(id)].remove(id);
  }

  @Override
  public void released(int id) {
    free[records.mark(id)].add(id);
  }

  @Override
  public int victim() {
    int recent = blocks[RECENT];
    boolean fromRecent =
        recent > recentTarget || (frequentReturned && recent > 0 && recent == (int) recentTarget);
    int first = free[fromRecent ? RECENT : FREQUENT].first();
    return first != NONE ? first : free[fromRecent ? FREQUENT : RECENT].first();
  }

  @Override
  public void spared(int id) {
    LeafQueue queue = free[records.mark(id)];
    queue.remove(id);
    records.renew(id);
    queue.add(id);
  }

  /** Whether a block has come back; if so, its list gets more room. */
  private boolean returned(long identity) {
    frequentReturned = false;
    int recent = ghosts[RECENT].find(identity);
    if (recent != Ghosts.NONE) {
      double step = Math.max(1, (double) ghosts[FREQUENT].size() / ghosts[RECENT].size());
      recentTarget = Math.min(capacity, recentTarget + step);
      ghosts[RECENT].remove(recent);
      return true;
    }
    int frequent = ghosts[FREQUENT].find(identity);
    if (frequent != Ghosts.NONE) {
      double step = Math.max(1, (double) ghosts[RECENT].size() / ghosts[FREQUENT].size());
      recentTarget = Math.max(0, recentTarget - step);
      ghosts[FREQUENT].remove(frequent);
      frequentReturned = true;
      return true;
    }
    return false;
  }
}
