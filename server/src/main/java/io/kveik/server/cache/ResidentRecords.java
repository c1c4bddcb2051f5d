package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * One tier's resident records by id, field by field; see {@link BlockRecordDescriptor}. Owner
 * thread: whoever holds the index lock.
 */
final class ResidentRecords {
  private final Records records;

  ResidentRecords(RecordMemory memory) {
    this.records = memory.table(BlockRecordDescriptor.RESIDENT_BYTES);
  }

  /** A record with nothing in it but its block's slot. */
  int allocate(int slot) {
    int id = records.allocate();
    records.setInt(id, BlockRecordDescriptor.BLOCK_SLOT, slot);
    return id;
  }

  void free(int id) {
    records.free(id);
  }

  int highest() {
    return records.highest();
  }

  int slot(int id) {
    return records.getInt(id, BlockRecordDescriptor.BLOCK_SLOT);
  }

  /** Describes a block that comes in; its children stay counted. */
  void enter(int id, BlockKey key, long bodyLength) {
    records.setLong(id, BlockRecordDescriptor.KEY_2, key.w2());
    records.setLong(id, BlockRecordDescriptor.KEY_3, key.w3());
    records.setInt(id, BlockRecordDescriptor.BODY_LENGTH, (int) bodyLength);
    records.setInt(id, BlockRecordDescriptor.RESIDENT_FLAGS, 0);
  }

  long key2(int id) {
    return records.getLong(id, BlockRecordDescriptor.KEY_2);
  }

  long key3(int id) {
    return records.getLong(id, BlockRecordDescriptor.KEY_3);
  }

  long bodyLength(int id) {
    return Integer.toUnsignedLong(records.getInt(id, BlockRecordDescriptor.BODY_LENGTH));
  }

  int children(int id) {
    return records.getInt(id, BlockRecordDescriptor.CHILDREN);
  }

  void setChildren(int id, int children) {
    records.setInt(id, BlockRecordDescriptor.CHILDREN, children);
  }

  /** True when the block has any of these flags. */
  boolean is(int id, int flags) {
    return (word(id) & flags) != 0;
  }

  void set(int id, int flag, boolean on) {
    setWord(id, on ? word(id) | flag : word(id) & ~flag);
  }

  /** Which of the tier's policies has the block. */
  int group(int id) {
    return (word(id) & BlockRecordDescriptor.GROUP_MASK) >>> BlockRecordDescriptor.GROUP_SHIFT;
  }

  void setGroup(int id, int group) {
    setWord(
        id,
        (word(id) & ~BlockRecordDescriptor.GROUP_MASK)
            | group << BlockRecordDescriptor.GROUP_SHIFT);
  }

  /** How long ago {@link #setUsed} was, good up to {@link BlockRecordDescriptor#MAX_AGE}. */
  int age(int id, int now) {
    return (now - (word(id) >>> BlockRecordDescriptor.USED_SHIFT)) & BlockRecordDescriptor.MAX_AGE;
  }

  /**
   * @param now counts up and may wrap around
   */
  void setUsed(int id, int now) {
    setWord(
        id,
        (word(id) & ~BlockRecordDescriptor.USED_MASK) | now << BlockRecordDescriptor.USED_SHIFT);
  }

  private int word(int id) {
    return records.getInt(id, BlockRecordDescriptor.RESIDENT_FLAGS);
  }

  private void setWord(int id, int word) {
    records.setInt(id, BlockRecordDescriptor.RESIDENT_FLAGS, word);
  }
}
