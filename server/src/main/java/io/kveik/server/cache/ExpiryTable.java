package io.kveik.server.cache;

import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.eviction.IdHeap;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * When blocks expire: about 57 bytes off-heap for each block that has a TTL, none for others.
 *
 * <p>Blocks are in a heap by the time they are to be looked at. A use that renews a block's life
 * writes its new end and leaves the heap alone; when its time to be looked at has come, it is filed
 * anew. So a use costs O(1), and each block is filed at most once a TTL (lazy deadlines, as timer
 * wheels have them). A block whose life begins with its first use is in no heap before that.
 *
 * <p>{@link #expiresAt} from any thread; the rest under the index lock, O(log n).
 */
final class ExpiryTable {
  private static final int IN_NO_HEAP = 0;

  private final Records records;
  private final TagTable bySlot;
  private final IdHeap soonest;

  ExpiryTable(RecordMemory memory) {
    this.records = memory.table(BlockRecordDescriptor.EXPIRY_BYTES);
    this.bySlot = new TagTable(memory);
    this.soonest =
        new IdHeap(memory) {
          @Override
          protected long rank(int id) {
            return lookAt(id);
          }

          @Override
          protected int place(int id) {
            return records.getInt(id, BlockRecordDescriptor.HEAP_PLACE);
          }

          @Override
          protected void setPlace(int id, int place) {
            records.setInt(id, BlockRecordDescriptor.HEAP_PLACE, place);
          }
        };
  }

  /**
   * A block that is not here yet.
   *
   * @param ttlNanos from now, below zero for an absolute one that is over; or from the use that the
   *     kind names, at least 1
   */
  void add(int slot, TtlKind kind, long ttlNanos, long nowNanos) {
    int id = create(slot, kind, ttlNanos);
    if (kind == TtlKind.FIRST_USE) {
      records.setLong(id, BlockRecordDescriptor.EXPIRES_AT, BlockView.NEVER);
      records.setInt(id, BlockRecordDescriptor.HEAP_PLACE, IN_NO_HEAP);
    } else {
      file(id, nowNanos + ttlNanos);
    }
    bySlot.add(tag(slot), id);
  }

  /** Notes a use of a block whose life depends on it. */
  void used(int slot, long nowNanos) {
    int id = idOf(slot);
    long endNanos = nowNanos + records.getLong(id, BlockRecordDescriptor.TTL_NANOS);
    switch (kind(id)) {
      case ABSOLUTE -> {}
      case LAST_USE -> records.setLong(id, BlockRecordDescriptor.EXPIRES_AT, endNanos);
      case FIRST_USE -> {
        if (records.getInt(id, BlockRecordDescriptor.HEAP_PLACE) == IN_NO_HEAP) {
          file(id, endNanos);
        }
      }
    }
  }

  void remove(int slot) {
    int id = idOf(slot);
    bySlot.remove(tag(slot), id);
    if (records.getInt(id, BlockRecordDescriptor.HEAP_PLACE) != IN_NO_HEAP) {
      soonest.remove(id);
    }
    records.free(id);
  }

  /** What the time to live of a block that is here counts from. */
  TtlKind kindOf(int slot) {
    return kind(idOf(slot));
  }

  /** {@link BlockView#NEVER} for a slot that isn't here, and for a life that has not begun. */
  long expiresAt(int slot) {
    int tag = tag(slot);
    long expiresAtNanos;
    int version;
    do {
      version = bySlot.version(tag);
      long hit = bySlot.first(tag);
      expiresAtNanos =
          hit == TagTable.NONE
              ? BlockView.NEVER
              : records.getLong(TagTable.id(hit), BlockRecordDescriptor.EXPIRES_AT);
    } while (!bySlot.unchanged(tag, version));
    return expiresAtNanos;
  }

  /**
   * Tells at most so many slots that have expired by now; none only if none has, or so many were to
   * be filed anew first.
   */
  void expired(long nowNanos, int limit, IntConsumer slots) {
    IntStream.Builder renewed = IntStream.builder();
    int seen = 0;
    // Depth first through the part of the heap that is to be looked at, which is a tree at its top.
    int place = 1;
    while (seen < limit) {
      if (place <= soonest.size() && lookAt(soonest.at(place)) - nowNanos <= 0) {
        int id = soonest.at(place);
        if (records.getLong(id, BlockRecordDescriptor.EXPIRES_AT) - nowNanos <= 0) {
          slots.accept(records.getInt(id, BlockRecordDescriptor.EXPIRING_SLOT));
        } else {
          renewed.add(id);
        }
        seen++;
        place *= 2;
      } else {
        while ((place & 1) == 1) {
          if (place == 1) {
            renewed.build().forEach(this::fileAnew);
            return;
          }
          place /= 2;
        }
        place++;
      }
    }
    renewed.build().forEach(this::fileAnew);
  }

  private long lookAt(int id) {
    return records.getLong(id, BlockRecordDescriptor.LOOK_AT);
  }

  private void fileAnew(int id) {
    soonest.remove(id);
    file(id, records.getLong(id, BlockRecordDescriptor.EXPIRES_AT));
  }

  private void file(int id, long endNanos) {
    records.setLong(id, BlockRecordDescriptor.EXPIRES_AT, endNanos);
    records.setLong(id, BlockRecordDescriptor.LOOK_AT, endNanos);
    soonest.add(id);
  }

  private int create(int slot, TtlKind kind, long ttlNanos) {
    int id = records.allocate();
    records.setInt(id, BlockRecordDescriptor.EXPIRING_SLOT, slot);
    records.setInt(id, BlockRecordDescriptor.TTL_KIND, kind.code());
    records.setLong(id, BlockRecordDescriptor.TTL_NANOS, ttlNanos);
    return id;
  }

  private TtlKind kind(int id) {
    return TtlKind.ofCode(records.getInt(id, BlockRecordDescriptor.TTL_KIND));
  }

  private int idOf(int slot) {
    return TagTable.id(bySlot.first(tag(slot)));
  }

  /** One to one, and with its entropy in all bits: no two slots share a tag. */
  private static int tag(int slot) {
    int mixed = slot * 0x9E3779B1;
    mixed = (mixed ^ mixed >>> 15) * 0x85EBCA6B;
    return mixed ^ mixed >>> 13;
  }
}
