package io.kveik.server.cache;

import org.jspecify.annotations.Nullable;

/**
 * Evicts the least recently used block that has no cached child.
 *
 * <p>A doubly linked list by recency, through the residents themselves. A held block met at the old
 * end is taken off the list ("parked") rather than passed over again and again; when its last hold
 * goes it is put back where its tick belongs, which is at or near the old end, since everything
 * younger was already there when it was parked. A block is parked at most once per touch, so all
 * operations are O(1) amortised and the order is exactly LRU among blocks that may go.
 *
 * <p>Priority is soft: a block of priority p is passed over p times after each touch before it
 * goes. Hard pins in a small cache cost far more hits than they save.
 *
 * <p>Owner thread: whoever holds the index lock.
 */
public final class LeafFirstLru implements EvictionPolicy {
  private @Nullable Resident oldest;
  private @Nullable Resident youngest;
  private long tick;

  @Override
  public void inserted(Resident resident) {
    linkYoungest(resident);
  }

  @Override
  public void touched(Resident resident) {
    unlink(resident);
    linkYoungest(resident);
  }

  @Override
  public void removed(Resident resident) {
    unlink(resident);
  }

  @Override
  public void released(Resident resident) {
    if (!resident.linked) {
      linkByTick(resident);
    }
  }

  @Override
  public @Nullable Resident victim() {
    Resident candidate;
    while ((candidate = oldest) != null) {
      if (candidate.held()) {
        unlink(candidate);
      } else if (candidate.reprieves > 0) {
        int left = candidate.reprieves - 1;
        touched(candidate);
        candidate.reprieves = left;
      } else {
        return candidate;
      }
    }
    return null;
  }

  private void linkYoungest(Resident resident) {
    resident.tick = ++tick;
    resident.reprieves = resident.priority();
    link(resident, youngest);
  }

  private void linkByTick(Resident resident) {
    Resident after = null;
    Resident next = oldest;
    while (next != null && next.tick < resident.tick) {
      after = next;
      next = next.younger;
    }
    link(resident, after);
  }

  /** Links a resident right after (younger than) another; null: as the oldest. */
  private void link(Resident resident, @Nullable Resident after) {
    Resident before = after == null ? oldest : after.younger;
    resident.older = after;
    resident.younger = before;
    if (after == null) {
      oldest = resident;
    } else {
      after.younger = resident;
    }
    if (before == null) {
      youngest = resident;
    } else {
      before.older = resident;
    }
    resident.linked = true;
  }

  private void unlink(Resident resident) {
    if (!resident.linked) {
      return;
    }
    Resident older = resident.older;
    Resident younger = resident.younger;
    if (older == null) {
      oldest = younger;
    } else {
      older.younger = younger;
    }
    if (younger == null) {
      youngest = older;
    } else {
      younger.older = older;
    }
    resident.older = null;
    resident.younger = null;
    resident.linked = false;
  }
}
