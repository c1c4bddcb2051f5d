package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * Evicts the least recently used block that has no cached child: exactly LRU among the blocks that
 * may go.
 *
 * <p>Each block has a tick, the time of its last use. Only free blocks are kept in order: those
 * whose tick was new when they were linked in a doubly linked list, oldest to youngest; those that
 * were released with an older tick, mostly parents whose last child has just gone, in a heap. The
 * victim is the older of the two fronts. A touch of a held block, all but the last of a prefix,
 * writes its tick and no more. Moving in the list is O(1), the heap O(log n) in any order of
 * releases.
 *
 * <p>Priority is soft: a block of priority p is passed over p times after each touch before it
 * goes. Hard pins in a small cache cost far more hits than they save.
 *
 * <pre>
 *   record  0                                              8            12           16
 *           +----------------------------------------------+------------+------------+
 *           | tick u56 | place u2 | priority u3 | passes u3 | older      | younger    |
 *           +----------------------------------------------+------------+------------+
 *           place: HELD, LISTED, HEAPED; a heaped block has its place in the heap in "older"
 * </pre>
 *
 * <p>16 bytes a block off-heap. Single-threaded.
 */
public final class LeafFirstLru implements EvictionPolicy {
  private static final int RECORD_BYTES = 16;
  private static final int STATE = 0;
  private static final int OLDER = 8;
  private static final int YOUNGER = 12;

  private static final int SMALL_BITS = 3;
  private static final long SMALL_MASK = (1 << SMALL_BITS) - 1;
  private static final int PRIORITY_SHIFT = SMALL_BITS;
  private static final int PLACE_SHIFT = 2 * SMALL_BITS;
  private static final int TICK_SHIFT = Byte.SIZE;
  private static final long ONE_PASS = 1;

  private static final long HELD = 0;
  private static final long LISTED = 1L << PLACE_SHIFT;
  private static final long HEAPED = 2L << PLACE_SHIFT;
  private static final long PLACE_MASK = 3L << PLACE_SHIFT;

  private final Records records;
  private final IdHeap older;
  private int oldest = NONE;
  private int youngest = NONE;
  private long tick;

  /**
   * @param memory where its records are; outlives it
   */
  public LeafFirstLru(RecordMemory memory) {
    this.records = memory.table(RECORD_BYTES);
    this.older =
        new IdHeap(memory) {
          @Override
          protected long rank(int id) {
            return tick(id);
          }

          @Override
          protected int place(int id) {
            return records.getInt(id, OLDER);
          }

          @Override
          protected void setPlace(int id, int place) {
            records.setInt(id, OLDER, place);
          }
        };
  }

  @Override
  public void inserted(int id, long identity, int priority) {
    records.ensure(id);
    setState(id, fresh(priority) | LISTED);
    linkYoungest(id);
  }

  @Override
  public void touched(int id) {
    int priority = (int) (state(id) >>> PRIORITY_SHIFT & SMALL_MASK);
    if (isAt(id, HELD)) {
      setState(id, fresh(priority));
    } else {
      unlink(id);
      setState(id, fresh(priority) | LISTED);
      linkYoungest(id);
    }
  }

  @Override
  public void removed(int id) {
    unlink(id);
  }

  @Override
  public void held(int id) {
    unlink(id);
    setState(id, state(id) & ~PLACE_MASK);
  }

  @Override
  public void released(int id) {
    if (youngest == NONE || tick(youngest) < tick(id)) {
      setState(id, state(id) | LISTED);
      linkYoungest(id);
    } else {
      setState(id, state(id) | HEAPED);
      older.add(id);
    }
  }

  @Override
  public int victim() {
    int candidate;
    while ((candidate = leastRecent()) != NONE) {
      long passes = state(candidate) & SMALL_MASK;
      if (passes == 0) {
        break;
      }
      touched(candidate);
      setState(candidate, (state(candidate) & ~SMALL_MASK) | (passes - ONE_PASS));
    }
    return candidate;
  }

  private int leastRecent() {
    int released = older.top();
    if (released == NONE || oldest == NONE) {
      return released == NONE ? oldest : released;
    }
    return tick(released) < tick(oldest) ? released : oldest;
  }

  /** The state of a block used just now, held. */
  private long fresh(int priority) {
    return ++tick << TICK_SHIFT | (long) priority << PRIORITY_SHIFT | priority;
  }

  private void linkYoungest(int id) {
    records.setInt(id, OLDER, youngest);
    records.setInt(id, YOUNGER, NONE);
    if (youngest == NONE) {
      oldest = id;
    } else {
      records.setInt(youngest, YOUNGER, id);
    }
    youngest = id;
  }

  /** Takes a block out of list or heap; no effect on one that is held. */
  private void unlink(int id) {
    if (isAt(id, HEAPED)) {
      older.remove(id);
    } else if (isAt(id, LISTED)) {
      int before = records.getInt(id, OLDER);
      int after = records.getInt(id, YOUNGER);
      if (before == NONE) {
        oldest = after;
      } else {
        records.setInt(before, YOUNGER, after);
      }
      if (after == NONE) {
        youngest = before;
      } else {
        records.setInt(after, OLDER, before);
      }
    }
  }

  private boolean isAt(int id, long place) {
    return (state(id) & PLACE_MASK) == place;
  }

  private long tick(int id) {
    return state(id) >>> TICK_SHIFT;
  }

  private long state(int id) {
    return records.getLong(id, STATE);
  }

  private void setState(int id, long state) {
    records.setLong(id, STATE, state);
  }
}
