package io.kveik.server.cache;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import org.jspecify.annotations.Nullable;

/**
 * Namespaces that have blocks: a small id for each, counted references, and what each holds. 78
 * bytes off-heap a namespace and 8 more for each tier, given up with its last block, so blocks
 * bound it.
 *
 * <p>Owner thread: whoever holds the index lock. {@link #read} also from any thread that finds the
 * id in a block record which has not been recycled meanwhile.
 */
final class NamespaceTable {
  /** Blocks and bytes of one namespace, a block counted once however many tiers hold it. */
  record Usage(long blocks, long bytes) {
    static final Usage NONE = new Usage(0, 0);
  }

  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final Records records;
  private final TagTable ids;
  private final NamespacePolicies policies;
  private int count;

  /**
   * @param policies the eviction policies that namespaces have
   */
  NamespaceTable(RecordMemory memory, int tiers, NamespacePolicies policies) {
    this.records = memory.table(BlockRecordDescriptor.namespaceBytes(tiers));
    this.ids = new TagTable(memory);
    this.policies = policies;
  }

  /** The id of a namespace, made if need be; the caller releases it. */
  int acquire(Fingerprint namespace) {
    int id = idOf(namespace);
    if (id == Records.NONE) {
      id = records.allocate();
      records.setLong(id, word(0), namespace.w0());
      records.setLong(id, word(1), namespace.w1());
      records.setLong(id, word(2), namespace.w2());
      records.setLong(id, word(3), namespace.w3());
      setPolicy(id, policies.of(namespace));
      ids.add(tag(namespace.w0()), id);
      count++;
    }
    retain(id);
    return id;
  }

  /** Another reference to a namespace that the caller knows to be referenced. */
  void retain(int id) {
    records.setInt(
        id, BlockRecordDescriptor.REFS, records.getInt(id, BlockRecordDescriptor.REFS) + 1);
  }

  void release(int id) {
    int left = records.getInt(id, BlockRecordDescriptor.REFS) - 1;
    records.setInt(id, BlockRecordDescriptor.REFS, left);
    if (left == 0) {
      ids.remove(tag(records.getLong(id, word(0))), id);
      records.free(id);
      count--;
    }
  }

  /** The id; {@link Records#NONE} for a namespace without blocks. */
  int idOf(Fingerprint namespace) {
    int tag = tag(namespace.w0());
    for (long hit = ids.first(tag); hit != TagTable.NONE; hit = ids.next(hit, tag)) {
      int id = TagTable.id(hit);
      if (records.getLong(id, word(0)) == namespace.w0()
          && records.getLong(id, word(1)) == namespace.w1()
          && records.getLong(id, word(2)) == namespace.w2()
          && records.getLong(id, word(3)) == namespace.w3()) {
        return id;
      }
    }
    return Records.NONE;
  }

  Fingerprint fingerprint(int id) {
    return new Fingerprint(read(id, 0), read(id, 1), read(id, 2), read(id, 3));
  }

  /** A word of the fingerprint, 0 to 3. */
  long read(int id, int word) {
    return records.getLong(id, word(word));
  }

  /** Tells a view the fingerprint. */
  void read(int id, BlockView view) {
    long at = records.address(id) + BlockRecordDescriptor.FINGERPRINT;
    view.namespace0 = Records.longAt(at);
    view.namespace1 = Records.longAt(at + Long.BYTES);
    view.namespace2 = Records.longAt(at + 2 * Long.BYTES);
    view.namespace3 = Records.longAt(at + 3 * Long.BYTES);
  }

  void charge(int id, int blocks, long bytes) {
    records.setLong(
        id,
        BlockRecordDescriptor.BLOCKS,
        records.getLong(id, BlockRecordDescriptor.BLOCKS) + blocks);
    records.setLong(
        id, BlockRecordDescriptor.BYTES, records.getLong(id, BlockRecordDescriptor.BYTES) + bytes);
  }

  /** Bytes of its blocks in one tier; what {@link Shares} keeps. */
  long bytesIn(int id, int tier) {
    return records.getLong(id, BlockRecordDescriptor.bytesIn(tier));
  }

  void setBytesIn(int id, int tier, long bytes) {
    records.setLong(id, BlockRecordDescriptor.bytesIn(tier), bytes);
  }

  /** When one of its blocks was last stored or looked up. */
  long usedAtNanos(int id) {
    return records.getLong(id, BlockRecordDescriptor.USED_AT);
  }

  void used(int id, long nowNanos) {
    records.setLong(id, BlockRecordDescriptor.USED_AT, nowNanos);
  }

  /** The code of the eviction policy it has of its own; 0 for none. */
  int policyCode(int id) {
    return records.getInt(id, BlockRecordDescriptor.POLICY);
  }

  /**
   * @param kind null: none of its own
   */
  void setPolicy(int id, @Nullable PolicyKind kind) {
    records.setInt(id, BlockRecordDescriptor.POLICY, kind == null ? 0 : kind.code());
  }

  Usage usageOf(Fingerprint namespace) {
    int id = idOf(namespace);
    return id == Records.NONE
        ? Usage.NONE
        : new Usage(
            records.getLong(id, BlockRecordDescriptor.BLOCKS),
            records.getLong(id, BlockRecordDescriptor.BYTES));
  }

  int count() {
    return count;
  }

  private static int tag(long firstWord) {
    return (int) ((firstWord * MIX) >>> Integer.SIZE);
  }

  private static long word(int word) {
    return BlockRecordDescriptor.FINGERPRINT + (long) word * Long.BYTES;
  }
}
