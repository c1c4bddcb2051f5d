package io.kveik.server.tier.encoded;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.codec.CodecKind;
import io.kveik.server.codec.CodecOptions;
import io.kveik.server.codec.DecodeOutcome;
import io.kveik.server.codec.EncodeOutcome;
import io.kveik.server.codec.Encoding;
import io.kveik.server.codec.PayloadCodec;
import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.CodecTotals;
import io.kveik.server.tier.StoredBlock;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A tier's own codec: encodes what is put as its {@link CodecOptions} say, decodes whatever it once
 * encoded, and counts what that saved.
 *
 * <p>Any thread, on its own processor time, within the limits of the options. O(length). Encoding
 * is a saving, not a duty: where it saves less than a tenth, or there is no memory for it, the body
 * is stored as it is. Nothing of a payload is ever on the heap.
 */
public final class BodyCodec implements AutoCloseable {
  private final CodecKind kind;
  private final PayloadCodec codec;
  private final @Nullable Slab scratch;
  private final ReentrantReadWriteLock uses = new ReentrantReadWriteLock();
  private final LongAdder payloadBytes = new LongAdder();
  private final LongAdder storedBytes = new LongAdder();
  private final LongAdder withoutScratch = new LongAdder();

  /** Guarded by {@link #uses}. */
  private boolean closed;

  /**
   * Loads the compressors, whatever the options: other runs may have used them.
   *
   * @throws UnsatisfiedLinkError when this machine can't; see {@link PayloadCodec}
   */
  public BodyCodec(CodecOptions options) {
    this(options, new PayloadCodec(options.concurrency()));
  }

  private BodyCodec(CodecOptions options, PayloadCodec codec) {
    this.kind = options.kind();
    this.codec = codec;
    this.scratch = kind == CodecKind.NONE ? null : Slab.anonymous(options.scratchBytes());
  }

  /**
   * The same, but options that encode nothing load nothing: the first {@link #decode} of a body
   * from another run does, and throws a {@link LinkageError} where this machine can't.
   */
  public static BodyCodec onDemand(CodecOptions options) {
    return options.kind() == CodecKind.NONE
        ? new BodyCodec(options, PayloadCodec.onDemand(options.concurrency()))
        : new BodyCodec(options);
  }

  /** The body to store for a block, which must stay good until the body is closed. */
  public EncodedBody encode(StoredBlock block) {
    if (scratch == null || block.header().payloadLength() == 0) {
      return EncodedBody.plain(block.body());
    }
    Lock use = uses.readLock();
    use.lock();
    try {
      return closed ? EncodedBody.plain(block.body()) : encode(block, scratch);
    } finally {
      use.unlock();
    }
  }

  private EncodedBody encode(StoredBlock block, Slab room) {
    int attributesLength = block.header().attributesLength();
    EncodeOutcome outcome =
        codec.encode(
            kind,
            block.header().elementType(),
            block.payload(),
            bytes -> allocate(room, bytes + attributesLength));
    return switch (outcome) {
      case EncodeOutcome.Encoded(Lease lease, Encoding encoding) -> {
        long length = encoding.encodedLength();
        MemorySegment memory = lease.segment();
        memory.asSlice(length, attributesLength).copyFrom(block.attributes());
        yield new EncodedBody(encoding, memory.asSlice(0, length + attributesLength), lease);
      }
      case EncodeOutcome.Skipped _ -> EncodedBody.plain(block.body());
      case EncodeOutcome.NoBuffer() -> {
        withoutScratch.increment();
        yield EncodedBody.plain(block.body());
      }
    };
  }

  private static @Nullable Lease allocate(Slab room, long bytes) {
    return bytes > room.maxAllocationBytes() ? null : room.allocate(bytes);
  }

  /** Counts a body that the tier has stored. */
  public void stored(BlockHeader header, EncodedBody body) {
    payloadBytes.add(header.payloadLength());
    storedBytes.add(body.bytes().byteSize() - header.attributesLength());
  }

  /**
   * The block of a body that is stored encoded, all checksums verified: that of the encoded bytes
   * before they are decoded, those of the header after.
   *
   * @param encoding whose raw length is the header's payload length
   * @param stored the encoded payload and the attributes, and nothing else; good for the call
   * @param buffers asked once, for payload and attributes
   */
  public DecodedBody decode(
      BlockHeader header, Encoding encoding, MemorySegment stored, BlockBuffers buffers) {
    Lock use = uses.readLock();
    use.lock();
    try {
      Lease lease = closed ? null : buffers.allocate(header.bodyLength());
      return lease == null
          ? new DecodedBody.NoBuffer()
          : decodeInto(lease, header, encoding, stored);
    } finally {
      use.unlock();
    }
  }

  private DecodedBody decodeInto(
      Lease lease, BlockHeader header, Encoding encoding, MemorySegment stored) {
    boolean handedOver = false;
    try {
      MemorySegment body = lease.segment().asSlice(0, header.bodyLength());
      DecodeOutcome outcome =
          codec.decode(encoding, stored, body.asSlice(0, header.payloadLength()));
      if (outcome instanceof DecodeOutcome.Corrupt(String reason)) {
        return new DecodedBody.Damaged(reason);
      }
      body.asSlice(header.payloadLength()).copyFrom(stored.asSlice(encoding.encodedLength()));
      String mismatch = BlockChecks.mismatch(header, body);
      if (mismatch != null) {
        return new DecodedBody.Damaged(mismatch);
      }
      handedOver = true;
      return new DecodedBody.Whole(StoredBlock.transfer(header, lease));
    } finally {
      if (!handedOver) {
        lease.close();
      }
    }
  }

  /** The figures of this moment. */
  public CodecTotals totals() {
    // First, so that what is counted between the reads does not look like a loss.
    long stored = storedBytes.sum();
    return new CodecTotals(payloadBytes.sum(), stored, withoutScratch.sum());
  }

  /** Bodies that are still to be closed; 0 when no put is under way. */
  public long liveBodies() {
    return scratch == null ? 0 : scratch.liveLeases();
  }

  /**
   * Waits for what is being encoded or decoded; encodes and decodes nothing from then on. Bodies
   * that are still open stay good. Idempotent.
   */
  @Override
  public void close() {
    Lock last = uses.writeLock();
    last.lock();
    try {
      closed = true;
    } finally {
      last.unlock();
    }
    codec.close();
    if (scratch != null) {
      scratch.close();
    }
  }
}
