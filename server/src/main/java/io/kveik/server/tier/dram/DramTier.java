package io.kveik.server.tier.dram;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.MemoryTier;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.TierUsage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds blocks in the off-heap memory of one slab, which it owns.
 *
 * <p>Any thread. {@link #get} and {@link #find} take no lock: a map lookup and one retain of the
 * lease. {@link #put} copies the block, O(its length); {@link #scan} is O(blocks); the rest is
 * O(1). It never evicts: a full slab is {@link PutOutcome.Full}, and whoever stacks the tiers makes
 * room.
 *
 * <p>Checksums are verified where bytes come in by {@link #put}. Bytes that come in by {@link
 * #admit} are vouched for by their filler, and {@link #get} hands out memory without reading it:
 * the next boundary (a lower tier's put, the client) checks what left here.
 */
public final class DramTier implements MemoryTier {
  private static final String CLOSED = "dram tier is closed";

  private final Slab slab;
  private final ConcurrentHashMap<BlockKey, StoredBlock> blocks = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private DramTier(Slab slab) {
    this.slab = slab;
  }

  /** A tier in an unused slab, which it takes over: closing the tier closes the slab. */
  public static DramTier transfer(Slab slab) {
    return new DramTier(slab);
  }

  @Override
  public String name() {
    return "dram";
  }

  /** {@inheritDoc} Null as well for more bytes than the whole slab could hold. */
  @Override
  public @Nullable Lease allocate(long bytes) {
    return bytes > slab.maxAllocationBytes() ? null : slab.allocate(bytes);
  }

  @Override
  public PutOutcome admit(StoredBlock filled) {
    BlockKey key = filled.header().key();
    if (blocks.putIfAbsent(key, filled) != null) {
      filled.close();
      return new PutOutcome.AlreadyPresent();
    }
    // close() sets the flag before it empties the map: an entry that its sweep could have missed
    // sees the flag here.
    if (closed) {
      drop(key);
      return new PutOutcome.Failed(CLOSED);
    }
    return new PutOutcome.Stored();
  }

  @Override
  public PutOutcome put(StoredBlock block) {
    BlockHeader header = block.header();
    if (closed) {
      return new PutOutcome.Failed(CLOSED);
    }
    if (blocks.containsKey(header.key())) {
      return new PutOutcome.AlreadyPresent();
    }
    long bytes = Math.max(1, header.bodyLength());
    Lease copy = allocate(bytes);
    if (copy == null) {
      return new PutOutcome.Full(
          "dram capacity_bytes=" + slab.capacityBytes() + " has no room for " + bytes);
    }
    copy.segment().copyFrom(block.body());
    // The copy is checked, not the original: what is stored is what was verified.
    if (Crc32c.of(copy.segment(), 0, header.payloadLength()) != header.payloadCrc32c()
        || Crc32c.of(copy.segment(), header.payloadLength(), header.attributesLength())
            != header.attributesCrc32c()) {
      copy.close();
      return new PutOutcome.Failed("block does not match its checksum");
    }
    return admit(header, copy);
  }

  @Override
  public GetOutcome get(BlockRef block, BlockBuffers buffers) {
    StoredBlock held = blocks.get(block.key());
    StoredBlock another = held == null ? null : held.tryRetain();
    return another == null ? new GetOutcome.Absent() : new GetOutcome.Hit(another);
  }

  @Override
  public FindOutcome find(BlockRef block) {
    StoredBlock held = blocks.get(block.key());
    return held == null ? new FindOutcome.Absent() : new FindOutcome.Found(held.header());
  }

  /** {@inheritDoc} The memory is free again once the last lease on it closes. Never false. */
  @Override
  public boolean remove(BlockRef block) {
    drop(block.key());
    return true;
  }

  private void drop(BlockKey key) {
    StoredBlock block = blocks.remove(key);
    if (block != null) {
      block.close();
    }
  }

  @Override
  public boolean scan(Consumer<BlockHeader> visitor) {
    for (StoredBlock block : blocks.values()) {
      visitor.accept(block.header());
    }
    return true;
  }

  /**
   * {@inheritDoc} The bytes are those of all allocations of the slab, tags and rounding included,
   * and so also of blocks that are being filled or were removed under a reader.
   */
  @Override
  public TierUsage usage() {
    return new TierUsage(
        blocks.mappingCount(), slab.stats().allocatedBytes(), slab.capacityBytes());
  }

  /** {@inheritDoc} Drops every block; leases that readers hold stay good. */
  @Override
  public void close() {
    closed = true;
    for (BlockKey key : blocks.keySet()) {
      drop(key);
    }
    slab.close();
  }
}
