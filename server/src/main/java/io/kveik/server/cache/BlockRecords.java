package io.kveik.server.cache;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import java.lang.foreign.MemorySegment;

/**
 * Block records by slot, field by field; see {@link BlockRecordDescriptor}.
 *
 * <p>Written by whoever holds the index lock. Read by any thread, within what the key table's
 * versions vouch for.
 */
final class BlockRecords {
  private final Records records;
  private final int tiers;
  private final int tail;

  BlockRecords(RecordMemory memory, int tiers) {
    this.records = memory.table(BlockRecordDescriptor.blockBytes(tiers));
    this.tiers = tiers;
    this.tail = BlockRecordDescriptor.tail(tiers);
  }

  int tiers() {
    return tiers;
  }

  /** A slot with nothing in it. */
  int allocate() {
    return records.allocate();
  }

  int highest() {
    return records.highest();
  }

  void free(int slot) {
    records.free(slot);
  }

  /** Where a record is, for {@link #hasKey} and {@link #read}. */
  long address(int slot) {
    return records.address(slot);
  }

  boolean hasKey(long address, BlockKey key) {
    MemorySegment memory = records.all();
    return memory.get(JAVA_LONG, address + BlockRecordDescriptor.KEY_0) == key.w0()
        && memory.get(JAVA_LONG, address + BlockRecordDescriptor.KEY_1) == key.w1();
  }

  /**
   * Fills a view but for the slot, the namespace and, where it is not {@link BlockView#NEVER}, the
   * expiry.
   *
   * @return the namespace's id
   */
  int read(long address, BlockView view) {
    MemorySegment memory = records.all();
    int held = 0;
    for (int tier = 0; tier < tiers; tier++) {
      int resident = memory.get(JAVA_INT, address + BlockRecordDescriptor.resident(tier));
      held |= resident > 0 ? 1 << tier : 0;
    }
    int flags = memory.get(JAVA_INT, address + BlockRecordDescriptor.USES_AND_FLAGS);
    view.label = memory.get(JAVA_LONG, address + BlockRecordDescriptor.LABEL);
    view.tiers = held;
    view.uses = flags >>> BlockRecordDescriptor.FLAG_BITS;
    view.expiresAtNanos = (flags & BlockRecordDescriptor.TTL) == 0 ? BlockView.NEVER : 0;
    return memory.get(JAVA_INT, address + BlockRecordDescriptor.NAMESPACE);
  }

  /**
   * Has at hand what {@link #hasKey} and {@link #read} look at. Slots may be {@link Records#NONE}.
   *
   * @param addresses gets those of the slots
   * @return of {@link Records#peek}
   */
  long peek(int[] slots, int count, long[] addresses) {
    for (int i = 0; i < count; i++) {
      addresses[i] = records.address(slots[i]);
    }
    // A record lies in one line or in two.
    return records.peek(addresses, count, BlockRecordDescriptor.KEY_0)
        ^ records.peek(addresses, count, BlockRecordDescriptor.RESIDENTS);
  }

  long key0(int slot) {
    return records.getLong(slot, BlockRecordDescriptor.KEY_0);
  }

  long key1(int slot) {
    return records.getLong(slot, BlockRecordDescriptor.KEY_1);
  }

  void setKey(int slot, long w0, long w1) {
    records.setLong(slot, BlockRecordDescriptor.KEY_0, w0);
    records.setLong(slot, BlockRecordDescriptor.KEY_1, w1);
  }

  long label(int slot) {
    return records.getLong(slot, BlockRecordDescriptor.LABEL);
  }

  int namespace(int slot) {
    return records.getInt(slot, BlockRecordDescriptor.NAMESPACE);
  }

  void setLabel(int slot, int namespace, long label, int rank) {
    records.setInt(slot, BlockRecordDescriptor.NAMESPACE, namespace);
    records.setLong(slot, BlockRecordDescriptor.LABEL, label);
    setRank(slot, rank);
  }

  /** See {@link Rank}. */
  int rank(int slot) {
    return records.getInt(slot, tail + BlockRecordDescriptor.RANK_AFTER);
  }

  void setRank(int slot, int rank) {
    records.setInt(slot, tail + BlockRecordDescriptor.RANK_AFTER, rank);
  }

  int parent(int slot) {
    return records.getInt(slot, tail + BlockRecordDescriptor.PARENT_AFTER);
  }

  void setParent(int slot, int parent) {
    records.setInt(slot, tail + BlockRecordDescriptor.PARENT_AFTER, parent);
  }

  int next(int slot) {
    return records.getInt(slot, tail + BlockRecordDescriptor.NEXT_AFTER);
  }

  void setNext(int slot, int next) {
    records.setInt(slot, tail + BlockRecordDescriptor.NEXT_AFTER, next);
  }

  boolean is(int slot, int flag) {
    return (usesAndFlags(slot) & flag) != 0;
  }

  void set(int slot, int flags) {
    setUsesAndFlags(slot, usesAndFlags(slot) | flags);
  }

  void clear(int slot, int flags) {
    setUsesAndFlags(slot, usesAndFlags(slot) & ~flags);
  }

  int priority(int slot) {
    return (usesAndFlags(slot) & BlockRecordDescriptor.PRIORITY_MASK)
        >>> BlockRecordDescriptor.PRIORITY_SHIFT;
  }

  void setPriority(int slot, int priority) {
    setUsesAndFlags(
        slot,
        (usesAndFlags(slot) & ~BlockRecordDescriptor.PRIORITY_MASK)
            | (priority << BlockRecordDescriptor.PRIORITY_SHIFT));
  }

  /** Lookups that found the block. */
  int uses(int slot) {
    return usesAndFlags(slot) >>> BlockRecordDescriptor.FLAG_BITS;
  }

  void countUse(int slot) {
    int word = usesAndFlags(slot);
    if (word >>> BlockRecordDescriptor.FLAG_BITS < BlockRecordDescriptor.MAX_USES) {
      setUsesAndFlags(slot, word + (1 << BlockRecordDescriptor.FLAG_BITS));
    }
  }

  void resetUses(int slot) {
    setUsesAndFlags(slot, usesAndFlags(slot) & BlockRecordDescriptor.FLAGS_MASK);
  }

  /** Above 0: the block is in the tier; below: only its children are counted there; 0: neither. */
  int resident(int slot, int tier) {
    return records.getInt(slot, BlockRecordDescriptor.resident(tier));
  }

  void setResident(int slot, int tier, int resident) {
    records.setInt(slot, BlockRecordDescriptor.resident(tier), resident);
  }

  /** The tiers that hold the block, bit t for tier t. */
  int tiersOf(int slot) {
    int held = 0;
    for (int tier = 0; tier < tiers; tier++) {
      if (resident(slot, tier) > 0) {
        held |= 1 << tier;
      }
    }
    return held;
  }

  /** True when no tier holds the block or counts children of it. */
  boolean nowhere(int slot) {
    for (int tier = 0; tier < tiers; tier++) {
      if (resident(slot, tier) != 0) {
        return false;
      }
    }
    return true;
  }

  private int usesAndFlags(int slot) {
    return records.getInt(slot, BlockRecordDescriptor.USES_AND_FLAGS);
  }

  private void setUsesAndFlags(int slot, int word) {
    records.setInt(slot, BlockRecordDescriptor.USES_AND_FLAGS, word);
  }
}
