package io.kveik.server.cache;

import io.kveik.server.cache.eviction.IdHeap;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import java.util.function.IntConsumer;

/**
 * When blocks expire: about 33 bytes off-heap for each block that has a TTL, none for others.
 *
 * <p>{@link #expiresAt} from any thread; the rest under the index lock, O(log n).
 */
final class ExpiryTable {
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
            return dueAt(id);
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

  void add(int slot, long expiresAtNanos) {
    int id = records.allocate();
    records.setLong(id, BlockRecordDescriptor.EXPIRES_AT, expiresAtNanos);
    records.setInt(id, BlockRecordDescriptor.EXPIRING_SLOT, slot);
    soonest.add(id);
    bySlot.add(tag(slot), id);
  }

  void remove(int slot) {
    int tag = tag(slot);
    int id = TagTable.id(bySlot.first(tag));
    bySlot.remove(tag, id);
    soonest.remove(id);
    records.free(id);
  }

  /** {@link BlockView#NEVER} for a slot that isn't here. */
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

  /** Tells at most so many slots that have expired by now; the soonest of them is among them. */
  void expired(long nowNanos, int limit, IntConsumer slots) {
    int told = 0;
    // Depth first through the part of the heap that has expired, which is a tree at its top.
    int place = 1;
    while (told < limit) {
      if (place <= soonest.size() && dueAt(soonest.at(place)) - nowNanos <= 0) {
        slots.accept(records.getInt(soonest.at(place), BlockRecordDescriptor.EXPIRING_SLOT));
        told++;
        place *= 2;
      } else {
        while ((place & 1) == 1) {
          if (place == 1) {
            return;
          }
          place /= 2;
        }
        place++;
      }
    }
  }

  private long dueAt(int id) {
    return records.getLong(id, BlockRecordDescriptor.EXPIRES_AT);
  }

  /** One to one, and with its entropy in all bits: no two slots share a tag. */
  private static int tag(int slot) {
    int mixed = slot * 0x9E3779B1;
    mixed = (mixed ^ mixed >>> 15) * 0x85EBCA6B;
    return mixed ^ mixed >>> 13;
  }
}
