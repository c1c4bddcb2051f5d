package io.kveik.server.tier;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * One place that holds blocks. Blocks are immutable: a key, once put, keeps its first content until
 * it is removed.
 *
 * <p>All methods are safe from any thread. Those of tiers below DRAM may block on I/O for as long
 * as the tier's own timeouts allow, so the caller picks the thread. None throws for what the
 * outside world does to it (a full disk, a torn file, a lost connection): that is an outcome.
 *
 * <p>What is <em>not</em> promised: that a {@link #find} answered a moment ago still holds at the
 * {@link #get} that follows; that {@link #scan} sees blocks put while it runs.
 */
public interface Tier extends AutoCloseable {
  /** Short and stable: appears in config, metrics and logs. */
  String name();

  /**
   * Stores a block unless its key is there already (conditional create, first writer wins). Copies
   * the bytes; the caller keeps its own right to them. Returns only once the block is as durable as
   * this tier makes it.
   */
  PutOutcome put(StoredBlock block);

  /**
   * Fetches a block, checksums verified.
   *
   * @param buffers where a tier that does not hold blocks in memory puts the bytes
   */
  GetOutcome get(BlockRef block, BlockBuffers buffers);

  /** Answers the header alone, its own checksum verified, the body's not. */
  FindOutcome find(BlockRef block);

  /**
   * Removes a block; after the return no {@link #get} finds it, nor after a restart or a power loss
   * that the tier's puts survive. Removing an absent key is no error.
   *
   * @return false when the tier could not do it (an I/O error): the block may still be there
   */
  boolean remove(BlockRef block);

  /**
   * Removes a block to make room. Like {@link #remove}, but a restart or a power loss may bring it
   * back.
   */
  default boolean evict(BlockRef block) {
    return remove(block);
  }

  /**
   * Tells the header of each block held, in no order, for as long as the consumer keeps returning.
   *
   * @return false when the scan broke off on an I/O error before its end
   */
  boolean scan(Consumer<BlockHeader> visitor);

  TierUsage usage();

  /**
   * Bytes written to the tier's medium since it was opened, headers, rounding and what was moved
   * within it included; empty for a tier that does not count them.
   */
  default OptionalLong writtenBytes() {
    return OptionalLong.empty();
  }

  /** What encoding payloads came to; empty for a tier that has no codec. */
  default Optional<CodecTotals> codecTotals() {
    return Optional.empty();
  }

  /** Idempotent. Blocks in flight finish or fail; durable tiers keep what they hold. */
  @Override
  void close();
}
