package io.kveik.server.tier;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Lease;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A block's header and a lease on its bytes: the payload, then the attributes, back to back,
 * somewhere in what is leased.
 *
 * <p>The holder closes it; its segments must not be used after that. Safe to read from any thread.
 */
public final class StoredBlock implements AutoCloseable {
  private final BlockHeader header;
  private final Lease lease;
  private final int bodyOffset;

  private StoredBlock(BlockHeader header, Lease lease, int bodyOffset) {
    this.header = header;
    this.lease = lease;
    this.bodyOffset = bodyOffset;
  }

  /**
   * Takes over the lease: closing the block closes it.
   *
   * @throws IllegalArgumentException when the leased bytes are fewer than the header states
   */
  public static StoredBlock transfer(BlockHeader header, Lease lease) {
    return transfer(header, lease, 0);
  }

  /**
   * The same for a body that does not begin where the lease does: a tier that reads whole sectors
   * has its own header before it.
   *
   * @param bodyOffset where in the lease the payload begins
   * @throws IllegalArgumentException when the body does not lie inside the leased bytes
   */
  public static StoredBlock transfer(BlockHeader header, Lease lease, int bodyOffset) {
    long leased = lease.segment().byteSize();
    if (bodyOffset < 0 || leased - bodyOffset < header.bodyLength()) {
      throw new IllegalArgumentException(
          "leased "
              + leased
              + " bytes, header states "
              + header.bodyLength()
              + " from byte "
              + bodyOffset);
    }
    return new StoredBlock(header, lease, bodyOffset);
  }

  public BlockHeader header() {
    return header;
  }

  /** The KV bytes, {@code header().payloadLength()} of them; aliases the leased memory. */
  public MemorySegment payload() {
    return lease.segment().asSlice(bodyOffset, header.payloadLength());
  }

  /** The protocol attributes; aliases the leased memory. */
  public MemorySegment attributes() {
    return lease
        .segment()
        .asSlice((long) bodyOffset + header.payloadLength(), header.attributesLength());
  }

  /** Payload and attributes as one segment; aliases the leased memory. */
  public MemorySegment body() {
    return lease.segment().asSlice(bodyOffset, header.bodyLength());
  }

  /** Another right to the same bytes; the caller closes it. */
  public StoredBlock retain() {
    return new StoredBlock(header, lease.retain(), bodyOffset);
  }

  /**
   * Like {@link #retain} but null when the bytes are already gone: for readers racing a remover.
   */
  public @Nullable StoredBlock tryRetain() {
    Lease another = lease.tryRetain();
    return another == null ? null : new StoredBlock(header, another, bodyOffset);
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
