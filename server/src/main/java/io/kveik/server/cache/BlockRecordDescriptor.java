package io.kveik.server.cache;

/**
 * The layout of the index's off-heap records. Native order, version 1, never leaves the process.
 *
 * <pre>
 *   look-up record, one for each block in any tier (and each label that blocks follow but none bears)
 *     0         8         16        24      28      32
 *     +---------+---------+---------+-------+-------+
 *     | key 0   | key 1   | label   | name- | state |   all that a lookup reads: half a cache line,
 *     | i64     | i64     | i64     | space | u32   |   aligned, so never two of them
 *     +---------+---------+---------+-------+-------+
 *
 *     state         uses u16 (saturates) | tiers u8, bit t: tier t has the block | flags u8: BLOCK,
 *                   NODE, BEARER, TTL, priority u2, TTL_BY_USE
 *
 *   link record, one beside each look-up record, with the same id
 *     0       4       8       12           12+4t
 *     +-------+-------+-------+- - - - - - -+
 *     | rank  | parent| next  | resident id |
 *     | i32   | slot  | slot  | in each tier|
 *     +-------+-------+-------+- - - - - - -+
 *
 *     rank          above that of the node it follows, see Rank
 *     parent        the node whose label this block follows, 0 for none
 *     next          in its bucket of the label table
 *     resident id   in that tier's table: &gt; 0 the block is there, 0 nothing is, &lt; 0 (negated) only
 *                   the count of its children there is
 *
 *   resident record, one for each tier that holds the block (or children of it)
 *     0         8         16      20       24      28      32
 *     +---------+---------+-------+--------+-------+-------+
 *     | key 2   | key 3   | block | child- | body  | flags |
 *     | i64     | i64     | slot  | ren u32| u32   | u32   |   flags: used at u27, group u3,
 *     +---------+---------+-------+--------+-------+-------+   KEPT, PINNED
 *
 *   expiry record, one for each block that has a TTL
 *     0            8            16           24      28      32     36
 *     +------------+------------+------------+-------+-------+------+
 *     | expires at | look at    | TTL by use | block | heap  | TTL  |
 *     | ns, i64    | ns, i64    | ns, i64    | slot  | place | kind |
 *     +------------+------------+------------+-------+-------+------+
 *
 *   namespace record, one for each namespace that has blocks
 *     0             32      40      48     52       56        64            64+8t
 *     +-------------+-------+-------+------+--------+---------+- - - - - - -+
 *     | fingerprint | blocks| bytes | refs | policy | used at | bytes in    |
 *     | 4 × i64     | i64   | i64   | u32  | u32    | ns, i64 | each tier   |   policy: 0, or
 *     +-------------+-------+-------+------+--------+---------+- - - - - - -+
 *       the code of its kind
 * </pre>
 *
 * <p>A slot is the id of a look-up and a link record. The first half of a key (128 bits of a hash)
 * is what the index tells blocks apart by; n blocks hold two alike with a probability of n²/2^129,
 * 10^-25 for ten million. The second half is needed only to name a block to its tier and lies
 * there.
 */
final class BlockRecordDescriptor {
  static final int KEY_0 = 0;
  static final int KEY_1 = 8;
  static final int LABEL = 16;
  static final int NAMESPACE = 24;
  static final int STATE = 28;
  static final int LOOKUP_BYTES = 32;

  static final int FLAG_BITS = 8;
  static final int TIERS_SHIFT = FLAG_BITS;

  /** As many as {@link #STATE} has bits for. */
  static final int MAX_TIERS = 8;

  static final int TIERS_MASK = (1 << MAX_TIERS) - 1;
  static final int USES_SHIFT = TIERS_SHIFT + MAX_TIERS;
  static final int USES_MASK = -1 << USES_SHIFT;
  static final int MAX_USES = -1 >>> USES_SHIFT;

  static final int RANK = 0;
  static final int PARENT = 4;
  static final int NEXT = 8;
  private static final int RESIDENTS = 12;

  /** A block: the keys lead here. */
  static final int BLOCK = 1;

  /** Stands for its label: children point here and are counted here. */
  static final int NODE = 1 << 1;

  /** A block that bears a label another slot stands for. */
  static final int BEARER = 1 << 2;

  /** Has an expiry record. */
  static final int TTL = 1 << 3;

  /** Two bits: how often eviction passes over the block. */
  static final int PRIORITY_SHIFT = 4;

  static final int PRIORITY_MASK = 3 << PRIORITY_SHIFT;

  /** Its life depends on when it is used. */
  static final int TTL_BY_USE = 1 << 6;

  /** What is a block's, not its slot's. */
  static final int OF_BLOCK = BLOCK | TTL | TTL_BY_USE | PRIORITY_MASK;

  static final int RESIDENT_BYTES = 32;
  static final int KEY_2 = 0;
  static final int KEY_3 = 8;
  static final int BLOCK_SLOT = 16;
  static final int CHILDREN = 20;
  static final int BODY_LENGTH = 24;
  static final int RESIDENT_FLAGS = 28;

  /** Waits to be written behind. */
  static final int PINNED = 1;

  /** Someone asked that it be kept. */
  static final int KEPT = 1 << 1;

  /** Which of the tier's policies has the block; see {@link TierPolicies}. */
  static final int GROUP_SHIFT = 2;

  static final int GROUP_MASK = 7 << GROUP_SHIFT;

  /** When it was last used, in the tier's own count of events, modulo 2^27. */
  static final int USED_SHIFT = 5;

  static final int USED_MASK = -1 << USED_SHIFT;
  static final int MAX_AGE = -1 >>> USED_SHIFT;

  static final int EXPIRY_BYTES = 40;
  static final int EXPIRES_AT = 0;
  static final int LOOK_AT = 8;
  static final int TTL_NANOS = 16;
  static final int EXPIRING_SLOT = 24;
  static final int HEAP_PLACE = 28;
  static final int TTL_KIND = 32;

  static final int FINGERPRINT = 0;
  static final int BLOCKS = 32;
  static final int BYTES = 40;
  static final int REFS = 48;
  static final int POLICY = 52;
  static final int USED_AT = 56;
  private static final int BYTES_IN_TIERS = 64;

  private BlockRecordDescriptor() {}

  static int linkBytes(int tiers) {
    return resident(tiers);
  }

  static int namespaceBytes(int tiers) {
    return bytesIn(tiers);
  }

  static int bytesIn(int tier) {
    return BYTES_IN_TIERS + tier * Long.BYTES;
  }

  static int resident(int tier) {
    return RESIDENTS + tier * Integer.BYTES;
  }
}
