package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * What a policy remembers of evicted blocks: a number for each, by the block's identity, in the
 * order in which they left.
 *
 * <pre>
 *   record  0          8        16      20        24     28     32
 *           +----------+--------+-------+---------+------+------+
 *           | identity | value  | older | younger | next | -    |
 *           +----------+--------+-------+---------+------+------+
 *           next   in its bucket; a value below 0 marks a record that is free
 * </pre>
 *
 * <p>Found by linear hashing (Litwin, VLDB 1980): one bucket more for each ghost more than ever, so
 * that no call moves more than one chain. Identities are bits of keyed hashes, so no client can
 * choose them to collide. 36 bytes a ghost, O(1) expected. Single-threaded.
 */
final class Ghosts {
  /** No ghost; nor a value. */
  static final int NONE = Records.NONE;

  private static final int RECORD_BYTES = 32;
  private static final int IDENTITY = 0;
  private static final int VALUE = 8;
  private static final int OLDER = 16;
  private static final int YOUNGER = 20;
  private static final int NEXT = 24;
  private static final long FREE = -1;

  private final Records records;
  private final Records heads;
  private int buckets = 1;
  private int size;
  private int oldest = NONE;
  private int youngest = NONE;

  Ghosts(RecordMemory memory) {
    this.records = memory.table(RECORD_BYTES);
    this.heads = memory.table(Integer.BYTES);
    heads.ensure(buckets);
  }

  int size() {
    return size;
  }

  /** The ghost of that identity, or {@link #NONE}. */
  int find(long identity) {
    int ghost = head(bucketOf(identity));
    while (ghost != NONE && records.getLong(ghost, IDENTITY) != identity) {
      ghost = records.getInt(ghost, NEXT);
    }
    return ghost;
  }

  /** The one that left first, or {@link #NONE}. */
  int oldest() {
    return oldest;
  }

  /** The highest number that a ghost ever had. */
  int highest() {
    return records.highest();
  }

  /** What is remembered of a number up to {@link #highest}; negative when no ghost has it now. */
  long value(int ghost) {
    return records.getLong(ghost, VALUE);
  }

  /**
   * Remembers a block as the youngest; one of the same identity is forgotten.
   *
   * @param value not negative
   */
  void add(long identity, long value) {
    int known = find(identity);
    if (known != NONE) {
      remove(known);
    }
    int ghost = records.allocate();
    records.setLong(ghost, IDENTITY, identity);
    records.setLong(ghost, VALUE, value);
    records.setInt(ghost, OLDER, youngest);
    if (youngest == NONE) {
      oldest = ghost;
    } else {
      records.setInt(youngest, YOUNGER, ghost);
    }
    youngest = ghost;
    size++;
    if (size > buckets) {
      split();
    }
    push(bucketOf(identity), ghost);
  }

  /** Forgets a ghost. */
  void remove(int ghost) {
    unchain(ghost);
    int before = records.getInt(ghost, OLDER);
    int after = records.getInt(ghost, YOUNGER);
    if (before == NONE) {
      oldest = after;
    } else {
      records.setInt(before, YOUNGER, after);
    }
    if (after == NONE) {
      youngest = before;
    } else {
      records.setInt(after, OLDER, before);
    }
    size--;
    records.free(ghost);
    records.setLong(ghost, VALUE, FREE);
  }

  private void unchain(int ghost) {
    int bucket = bucketOf(records.getLong(ghost, IDENTITY));
    int after = records.getInt(ghost, NEXT);
    int at = head(bucket);
    if (at == ghost) {
      heads.setInt(bucket + 1, 0, after);
      return;
    }
    int next;
    while ((next = records.getInt(at, NEXT)) != ghost) {
      at = next;
    }
    records.setInt(at, NEXT, after);
  }

  /** Adds a bucket and moves to it what belongs there, all of it from one bucket. */
  private void split() {
    int from = buckets - Integer.highestOneBit(buckets);
    buckets++;
    heads.ensure(buckets);
    int ghost = head(from);
    heads.setInt(from + 1, 0, NONE);
    while (ghost != NONE) {
      int next = records.getInt(ghost, NEXT);
      push(bucketOf(records.getLong(ghost, IDENTITY)), ghost);
      ghost = next;
    }
  }

  private void push(int bucket, int ghost) {
    records.setInt(ghost, NEXT, head(bucket));
    heads.setInt(bucket + 1, 0, ghost);
  }

  private int bucketOf(long identity) {
    int half = Integer.highestOneBit(buckets);
    int hash = (int) (identity ^ identity >>> Integer.SIZE);
    int bucket = hash & (2 * half - 1);
    return bucket < buckets ? bucket : bucket - half;
  }

  private int head(int bucket) {
    return heads.getInt(bucket + 1, 0);
  }
}
