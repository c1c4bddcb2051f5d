package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * A binary min-heap of ids, off-heap, 4 bytes an id. Whoever extends it has the ids' ranks and
 * keeps their places, so that any of them can be removed.
 *
 * <p>O(log n) an operation, nothing allocated. Single-threaded.
 */
public abstract class IdHeap {
  private final Records ids;
  private int size;

  /**
   * @param memory where the ids are; outlives it
   */
  protected IdHeap(RecordMemory memory) {
    this.ids = memory.table(Integer.BYTES);
  }

  /** The least goes first. */
  protected abstract long rank(int id);

  /** Where the id is now, from 1. */
  protected abstract int place(int id);

  /** Notes where the id is from now on. */
  protected abstract void setPlace(int id, int place);

  /** The id of least rank; {@link Records#NONE} when empty. */
  public int top() {
    return size == 0 ? Records.NONE : at(1);
  }

  /** How many ids there are. */
  public int size() {
    return size;
  }

  /**
   * The id at a place, 1 to {@link #size()}; those at 2p and 2p + 1 rank no less than that at p.
   */
  public int at(int place) {
    return ids.getInt(place, 0);
  }

  /** Adds an id that isn't there; its rank must not change while it is. */
  public void add(int id) {
    size++;
    ids.ensure(size);
    up(size, id);
  }

  /** Removes an id that is there. */
  public void remove(int id) {
    int place = place(id);
    int last = at(size);
    size--;
    if (last == id) {
      return;
    }
    if (place > 1 && rank(last) < rank(at(place / 2))) {
      up(place, last);
    } else {
      down(place, last);
    }
  }

  private void up(int from, int id) {
    long rank = rank(id);
    int place = from;
    while (place > 1 && rank < rank(at(place / 2))) {
      put(place, at(place / 2));
      place /= 2;
    }
    put(place, id);
  }

  private void down(int from, int id) {
    long rank = rank(id);
    int place = from;
    while (2L * place <= size) {
      int child = 2 * place;
      if (child < size && rank(at(child + 1)) < rank(at(child))) {
        child++;
      }
      if (rank <= rank(at(child))) {
        break;
      }
      put(place, at(child));
      place = child;
    }
    put(place, id);
  }

  private void put(int place, int id) {
    ids.setInt(place, 0, id);
    setPlace(id, place);
  }
}
