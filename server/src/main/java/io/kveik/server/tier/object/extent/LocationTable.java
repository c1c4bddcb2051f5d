package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where blocks are in extents: a hash table of places, without the keys, which the extents have. A
 * block may be in several extents. One thread at a time, O(1) but for growing.
 *
 * <p>Open addressing with linear probing; 16 bytes a block at half load.
 */
final class LocationTable {
  private static final int FIRST_CAPACITY = 1_024;
  private static final long FREE = 0;
  private static final int INDEX_BITS = 8;
  private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;

  /** By number; null where a number is to be given again. */
  private final List<@Nullable Extent> extents = new ArrayList<>();

  private final ArrayDeque<Integer> freeNumbers = new ArrayDeque<>();

  /** One more than an extent's number, and behind it the block's index in it. */
  private long[] slots = new long[FIRST_CAPACITY];

  private int count;

  /**
   * Takes in all blocks of an extent.
   *
   * @return a number for {@link #remove(int)}
   */
  int add(Extent extent) {
    int number;
    if (freeNumbers.isEmpty()) {
      number = extents.size();
      extents.add(extent);
    } else {
      number = freeNumbers.remove();
      extents.set(number, extent);
    }
    for (int i = 0; i < extent.count(); i++) {
      if (2 * (count + 1) > slots.length) {
        grow();
      }
      insert((number + 1L) << INDEX_BITS | i);
      count++;
    }
    return number;
  }

  /** Forgets an extent, of which some blocks may have been forgotten before. */
  void remove(int number) {
    Extent extent = Objects.requireNonNull(extents.get(number));
    for (int i = 0; i < extent.count(); i++) {
      remove(extent, i);
    }
    extents.set(number, null);
    freeNumbers.add(number);
  }

  /** Forgets one block of an extent, if it is there. */
  void remove(Extent extent, int index) {
    int mask = slots.length - 1;
    int at = (int) extent.hash(index) & mask;
    while (slots[at] != FREE) {
      if (index(slots[at]) == index && extent(slots[at]) == extent) {
        close(at);
        count--;
        return;
      }
      at = (at + 1) & mask;
    }
  }

  /** The places of a block, in no order. */
  List<Extent.Location> of(BlockKey key) {
    List<Extent.Location> found = new ArrayList<>(1);
    int mask = slots.length - 1;
    for (int at = (int) key.w1() & mask; slots[at] != FREE; at = (at + 1) & mask) {
      Extent extent = extent(slots[at]);
      if (extent.holds(index(slots[at]), key)) {
        found.add(new Extent.Location(extent, index(slots[at])));
      }
    }
    return found;
  }

  /** Blocks, one in several extents counted as often. */
  int count() {
    return count;
  }

  private void insert(long place) {
    int mask = slots.length - 1;
    int at = home(place);
    while (slots[at] != FREE) {
      at = (at + 1) & mask;
    }
    slots[at] = place;
  }

  /** Whoever probed past the hole moves back into it, so that no search ends early. */
  private void close(int hole) {
    int mask = slots.length - 1;
    for (int at = (hole + 1) & mask; slots[at] != FREE; at = (at + 1) & mask) {
      if (((at - home(slots[at])) & mask) >= ((at - hole) & mask)) {
        slots[hole] = slots[at];
        hole = at;
      }
    }
    slots[hole] = FREE;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[2 * old.length];
    for (long place : old) {
      if (place != FREE) {
        insert(place);
      }
    }
  }

  private int home(long place) {
    return (int) extent(place).hash(index(place)) & (slots.length - 1);
  }

  private Extent extent(long place) {
    return Objects.requireNonNull(extents.get((int) (place >>> INDEX_BITS) - 1));
  }

  private static int index(long place) {
    return (int) place & INDEX_MASK;
  }
}
