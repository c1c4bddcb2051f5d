package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * Block records by slot, field by field; see {@link BlockRecordDescriptor}.
 *
 * <p>Written by whoever holds the index lock. What is read by address is read by any thread, within
 * what the key table's versions vouch for.
 */
final class BlockRecords {
  /** What lookups read; hands out the slots. */
  private final Records lookups;

  /** What else there is of a block, by the same slots. */
  private final Records links;

  private final int tiers;

  BlockRecords(RecordMemory memory, int tiers) {
    this.lookups = memory.table(BlockRecordDescriptor.LOOKUP_BYTES);
    this.links = memory.table(BlockRecordDescriptor.linkBytes(tiers));
    this.tiers = tiers;
  }

  int tiers() {
    return tiers;
  }

  /** A slot with nothing in it. */
  int allocate() {
    int slot = lookups.allocate();
    links.ensure(slot);
    links.clear(slot);
    return slot;
  }

  int highest() {
    return lookups.highest();
  }

  void free(int slot) {
    lookups.free(slot);
  }

  /** Where a look-up record is, for {@link #hasKey} and {@link #read}. */
  long address(int slot) {
    return lookups.address(slot);
  }

  boolean hasKey(long address, BlockKey key) {
    return Records.longAt(address + BlockRecordDescriptor.KEY_0) == key.w0()
        && Records.longAt(address + BlockRecordDescriptor.KEY_1) == key.w1();
  }

  /**
   * Fills a view but for the slot, the namespace and, where it is not {@link BlockView#NEVER}, the
   * expiry.
   *
   * @return the namespace's id
   */
  int read(long address, BlockView view) {
    int state = Records.intAt(address + BlockRecordDescriptor.STATE);
    view.label = Records.longAt(address + BlockRecordDescriptor.LABEL);
    view.tiers = tiersIn(state);
    view.uses = state >>> BlockRecordDescriptor.USES_SHIFT;
    view.expiresAtNanos = (state & BlockRecordDescriptor.TTL) == 0 ? BlockView.NEVER : 0;
    return Records.intAt(address + BlockRecordDescriptor.NAMESPACE);
  }

  /**
   * Has at hand what {@link #hasKey} and {@link #read} look at. Slots may be {@link Records#NONE}.
   *
   * @param addresses gets those of the slots
   * @return of {@link Records#peek}
   */
  long peek(int[] slots, int count, long[] addresses) {
    for (int i = 0; i < count; i++) {
      addresses[i] = lookups.address(slots[i]);
    }
    return Records.peek(addresses, count, BlockRecordDescriptor.KEY_0);
  }

  long key0(int slot) {
    return lookups.getLong(slot, BlockRecordDescriptor.KEY_0);
  }

  long key1(int slot) {
    return lookups.getLong(slot, BlockRecordDescriptor.KEY_1);
  }

  void setKey(int slot, long w0, long w1) {
    lookups.setLong(slot, BlockRecordDescriptor.KEY_0, w0);
    lookups.setLong(slot, BlockRecordDescriptor.KEY_1, w1);
  }

  long label(int slot) {
    return lookups.getLong(slot, BlockRecordDescriptor.LABEL);
  }

  int namespace(int slot) {
    return lookups.getInt(slot, BlockRecordDescriptor.NAMESPACE);
  }

  void setLabel(int slot, int namespace, long label, int rank) {
    lookups.setInt(slot, BlockRecordDescriptor.NAMESPACE, namespace);
    lookups.setLong(slot, BlockRecordDescriptor.LABEL, label);
    setRank(slot, rank);
  }

  /** See {@link Rank}. */
  int rank(int slot) {
    return links.getInt(slot, BlockRecordDescriptor.RANK);
  }

  void setRank(int slot, int rank) {
    links.setInt(slot, BlockRecordDescriptor.RANK, rank);
  }

  int parent(int slot) {
    return links.getInt(slot, BlockRecordDescriptor.PARENT);
  }

  void setParent(int slot, int parent) {
    links.setInt(slot, BlockRecordDescriptor.PARENT, parent);
  }

  int next(int slot) {
    return links.getInt(slot, BlockRecordDescriptor.NEXT);
  }

  void setNext(int slot, int next) {
    links.setInt(slot, BlockRecordDescriptor.NEXT, next);
  }

  boolean is(int slot, int flag) {
    return (state(slot) & flag) != 0;
  }

  void set(int slot, int flags) {
    setState(slot, state(slot) | flags);
  }

  void clear(int slot, int flags) {
    setState(slot, state(slot) & ~flags);
  }

  int priority(int slot) {
    return (state(slot) & BlockRecordDescriptor.PRIORITY_MASK)
        >>> BlockRecordDescriptor.PRIORITY_SHIFT;
  }

  void setPriority(int slot, int priority) {
    setState(
        slot,
        (state(slot) & ~BlockRecordDescriptor.PRIORITY_MASK)
            | (priority << BlockRecordDescriptor.PRIORITY_SHIFT));
  }

  /** Lookups that found the block. */
  int uses(int slot) {
    return state(slot) >>> BlockRecordDescriptor.USES_SHIFT;
  }

  void countUse(int slot) {
    int state = state(slot);
    if (state >>> BlockRecordDescriptor.USES_SHIFT < BlockRecordDescriptor.MAX_USES) {
      setState(slot, state + (1 << BlockRecordDescriptor.USES_SHIFT));
    }
  }

  void resetUses(int slot) {
    setState(slot, state(slot) & ~BlockRecordDescriptor.USES_MASK);
  }

  /** Above 0: the block is in the tier; below: only its children are counted there; 0: neither. */
  int resident(int slot, int tier) {
    return links.getInt(slot, BlockRecordDescriptor.resident(tier));
  }

  /** Sets {@link #resident}; readers see at once whether the block is in the tier. */
  void setResident(int slot, int tier, int resident) {
    links.setInt(slot, BlockRecordDescriptor.resident(tier), resident);
    int bit = 1 << tier << BlockRecordDescriptor.TIERS_SHIFT;
    int state = state(slot);
    int changed = resident > 0 ? state | bit : state & ~bit;
    if (changed != state) {
      setState(slot, changed);
    }
  }

  /** The tiers that hold the block, bit t for tier t. */
  int tiersOf(int slot) {
    return tiersIn(state(slot));
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

  private static int tiersIn(int state) {
    return state >>> BlockRecordDescriptor.TIERS_SHIFT & BlockRecordDescriptor.TIERS_MASK;
  }

  private int state(int slot) {
    return lookups.getInt(slot, BlockRecordDescriptor.STATE);
  }

  private void setState(int slot, int word) {
    lookups.setInt(slot, BlockRecordDescriptor.STATE, word);
  }
}
