package io.kveik.server.cache;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * Finds the slots that bear a label in a namespace: chains through the block records themselves, 4
 * bytes of head a slot beside the 4 of the link.
 *
 * <p>Linear hashing (Litwin, VLDB 1980): one bucket more for each slot more, taken from the next
 * bucket in turn, so chains stay at one slot on average and no insert ever moves more than one
 * chain. Buckets never grow fewer. Labels are the client's choice, so the hash is keyed with the
 * namespace's fingerprint, which no client knows.
 *
 * <p>O(1) expected, plus the slots that share the label. Owner thread: whoever holds the index
 * lock.
 */
final class LabelTable {
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final BlockRecords blocks;
  private final NamespaceTable namespaces;
  private final Records heads;
  private int linked;

  /** Buckets in use; a bucket's head is the record with the bucket's number plus one. */
  private int buckets = 1;

  LabelTable(BlockRecords blocks, NamespaceTable namespaces, RecordMemory memory) {
    this.blocks = blocks;
    this.namespaces = namespaces;
    this.heads = memory.table(Integer.BYTES);
    heads.ensure(buckets);
  }

  /** A slot that bears the label; {@link Records#NONE} without one. */
  int first(int namespace, long label) {
    return seek(head(bucketOf(namespace, label)), namespace, label);
  }

  /** The next slot with the namespace and label of this one. */
  int next(int slot) {
    return seek(blocks.next(slot), blocks.namespace(slot), blocks.label(slot));
  }

  /** Adds a slot whose namespace and label are set. */
  void link(int slot) {
    linked++;
    if (linked > buckets) {
      split();
    }
    push(bucketOf(blocks.namespace(slot), blocks.label(slot)), slot);
  }

  void unlink(int slot) {
    linked--;
    int bucket = bucketOf(blocks.namespace(slot), blocks.label(slot));
    int after = blocks.next(slot);
    int at = head(bucket);
    if (at == slot) {
      setHead(bucket, after);
      return;
    }
    int next;
    while ((next = blocks.next(at)) != slot) {
      at = next;
    }
    blocks.setNext(at, after);
  }

  private int seek(int from, int namespace, long label) {
    int slot = from;
    while (slot != Records.NONE
        && (blocks.label(slot) != label || blocks.namespace(slot) != namespace)) {
      slot = blocks.next(slot);
    }
    return slot;
  }

  /** Adds a bucket and moves to it what belongs there, all of it from one bucket. */
  private void split() {
    int from = buckets - Integer.highestOneBit(buckets);
    buckets++;
    heads.ensure(buckets);
    int slot = head(from);
    setHead(from, Records.NONE);
    while (slot != Records.NONE) {
      int next = blocks.next(slot);
      push(bucketOf(blocks.namespace(slot), blocks.label(slot)), slot);
      slot = next;
    }
  }

  private void push(int bucket, int slot) {
    blocks.setNext(slot, head(bucket));
    setHead(bucket, slot);
  }

  private int bucketOf(int namespace, long label) {
    int half = Integer.highestOneBit(buckets);
    int hash = hash(namespace, label);
    int bucket = hash & (2 * half - 1);
    return bucket < buckets ? bucket : bucket - half;
  }

  private int hash(int namespace, long label) {
    long mixed = (label ^ namespaces.read(namespace, 1)) * (namespaces.read(namespace, 2) | 1);
    mixed = (mixed ^ mixed >>> Integer.SIZE) * MIX;
    mixed = (mixed ^ mixed >>> Integer.SIZE) * (namespaces.read(namespace, 3) | 1);
    return (int) (mixed ^ mixed >>> Integer.SIZE);
  }

  private int head(int bucket) {
    return heads.getInt(bucket + 1, 0);
  }

  private void setHead(int bucket, int slot) {
    heads.setInt(bucket + 1, 0, slot);
  }
}
