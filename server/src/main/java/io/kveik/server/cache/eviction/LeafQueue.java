package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * Free blocks in the order of their ticks, though they come in any order.
 *
 * <p>Those whose tick was new when they came are in a doubly linked list, oldest to youngest; those
 * that were released with an older tick, mostly parents whose last child has just gone, in a heap.
 * The first is the older of the two fronts. So the touch of a held block, all but the last of a
 * prefix, has nothing to do here.
 *
 * <p>O(1) in the list, O(log n) in the heap. Several queues may share {@link LeafRecords}; a block
 * is in one of them at most. Single-threaded.
 */
final class LeafQueue {
  private static final int NONE = Records.NONE;

  private final LeafRecords records;
  private final IdHeap older;
  private int oldest = NONE;
  private int youngest = NONE;
  private int listed;

  LeafQueue(LeafRecords records, RecordMemory memory) {
    this.records = records;
    this.older =
        new IdHeap(memory) {
          @Override
          protected long rank(int id) {
            return records.tick(id);
          }

          @Override
          protected int place(int id) {
            return records.older(id);
          }

          @Override
          protected void setPlace(int id, int place) {
            records.setOlder(id, place);
          }
        };
  }

  int size() {
    return listed + older.size();
  }

  /** The block of the oldest tick, or none. */
  int first() {
    int released = older.top();
    if (released == NONE || oldest == NONE) {
      return released == NONE ? oldest : released;
    }
    return records.tick(released) < records.tick(oldest) ? released : oldest;
  }

  /** Adds a block that is held. */
  void add(int id) {
    if (youngest != NONE && records.tick(youngest) >= records.tick(id)) {
      records.setPlace(id, LeafRecords.HEAPED);
      older.add(id);
      return;
    }
    records.setPlace(id, LeafRecords.LISTED);
    records.setOlder(id, youngest);
    records.setYounger(id, NONE);
    if (youngest == NONE) {
      oldest = id;
    } else {
      records.setYounger(youngest, id);
    }
    youngest = id;
    listed++;
  }

  /** Takes a block out: it is held from now on. No effect on one that is held. */
  void remove(int id) {
    int place = records.place(id);
    if (place == LeafRecords.HELD) {
      return;
    }
    if (place == LeafRecords.HEAPED) {
      older.remove(id);
    } else {
      int before = records.older(id);
      int after = records.younger(id);
      if (before == NONE) {
        oldest = after;
      } else {
        records.setYounger(before, after);
      }
      if (after == NONE) {
        youngest = before;
      } else {
        records.setOlder(after, before);
      }
      listed--;
    }
    records.setPlace(id, LeafRecords.HELD);
  }
}
