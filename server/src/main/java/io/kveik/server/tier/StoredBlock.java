package io.kveik.server.tier;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Lease;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A block's header and a lease on its bytes: the payload, then the attributes, back to back.
 *
 * <p>The holder closes it; its segments must not be used after that. Safe to read from any thread.
 */
public final class StoredBlock implements AutoCloseable {
  private final BlockHeader header;
  private final Lease lease;

  private StoredBlock(BlockHeader header, Lease lease) {
    this.header = header;
    this.lease = lease;
  }

  /**
   * Takes over the lease: closing the block closes it.
   *
   * @throws IllegalArgumentException when the leased bytes are fewer than the header states
   */
  public static StoredBlock transfer(BlockHeader header, Lease lease) {
    if (lease.segment().byteSize() < header.bodyLength()) {
      throw new IllegalArgumentException(
          "leased " + lease.segment().byteSize() + " bytes, header states " + header.bodyLength());
    }
    return new StoredBlock(header, lease);
  }

  public BlockHeader header() {
    return header;
  }

  /** The KV bytes, {@code header().payloadLength()} of them; aliases the leased memory. */
  public MemorySegment payload() {
    return lease.segment().asSlice(0, header.payloadLength());
  }

  /** The protocol attributes; aliases the leased memory. */
  public MemorySegment attributes() {
    return lease.segment().asSlice(header.payloadLength(), header.attributesLength());
  }

  /** Payload and attributes as one segment; aliases the leased memory. */
  public MemorySegment body() {
    return lease.segment().asSlice(0, header.bodyLength());
  }

  /** Another right to the same bytes; the caller closes it. */
  public StoredBlock retain() {
    return new StoredBlock(header, lease.retain());
  }

  /**
   * Like {@link #retain} but null when the bytes are already gone: for readers racing a remover.
   */
  public @Nullable StoredBlock tryRetain() {
    Lease another = lease.tryRetain();
    return another == null ? null : new StoredBlock(header, another);
  }

  /** Another lease on the same bytes, without the header; the caller closes it or passes it on. */
  public Lease retainLease() {
    return lease.retain();
  }

  @Override
  public void close() {
    lease.close();
  }
}
