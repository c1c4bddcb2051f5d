package io.kveik.server.codec;

import io.kveik.server.block.ElementType;
import io.kveik.server.memory.Lease;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Encodes payloads for a tier and decodes them again, byte for byte.
 *
 * <p>Any thread, on its own processor time; as many at once as there are workspaces (1.5 MB of
 * native memory each, made when first needed), more wait for one of those to be done. O(length);
 * docs/benchmarks.md has the rates. Payloads are native memory, 1 to {@link Encoding#MAX_RAW_BYTES}
 * bytes, and stay good for the whole call: the caller holds a lease on them.
 */
public final class PayloadCodec implements AutoCloseable {
  private static final DecodeOutcome DECODED = new DecodeOutcome.Decoded();

  private final WorkspacePool workspaces;

  /**
   * Loads the compressors, so that a machine that can't is known from the start.
   *
   * @param concurrency payloads that are encoded or decoded at a time
   * @throws UnsatisfiedLinkError when zstd has no library for this platform, or its directory for
   *     temporary files takes none
   */
  public PayloadCodec(int concurrency) {
    this(new WorkspacePool(concurrency));
    workspaces.giveBack(workspaces.take());
  }

  private PayloadCodec(WorkspacePool workspaces) {
    this.workspaces = workspaces;
  }

  /**
   * The same for whoever may never need it: the compressors are loaded by the first call that does,
   * which throws a {@link LinkageError} where that is not possible.
   */
  public static PayloadCodec onDemand(int concurrency) {
    return new PayloadCodec(new WorkspacePool(concurrency));
  }

  /**
   * Encodes a payload, if that saves a tenth of it. Whether it will is first tried on 64 KiB of it.
   *
   * @param type of its numbers; of bf16, fp16 and fp32 the byte planes are compressed one by one
   * @param buffers asked once, for nine tenths of the payload's length
   */
  public EncodeOutcome encode(
      CodecKind codec, ElementType type, MemorySegment payload, EncodeBuffers buffers) {
    int rawLength = checkedLength("payload", payload);
    if (codec == CodecKind.NONE) {
      return new EncodeOutcome.Skipped(EncodeOutcome.Skipped.Reason.NO_CODEC);
    }
    int limitBytes = Saving.limitBytes(rawLength);
    if (limitBytes == 0) {
      return new EncodeOutcome.Skipped(EncodeOutcome.Skipped.Reason.SAVES_LITTLE);
    }
    int width = codec == CodecKind.ZSTD ? type.widthBytes() : 1;
    Workspace workspace = workspaces.take();
    try {
      ChunkEncoder encoder = new ChunkEncoder(workspace, workspace.compressor(codec, type), width);
      if (rawLength >= Sample.FROM_BYTES
          && !Sample.isWorthwhile(encoder, payload, workspace.sample())) {
        return new EncodeOutcome.Skipped(EncodeOutcome.Skipped.Reason.SAMPLE_SAVES_LITTLE);
      }
      Lease lease = buffers.allocate(limitBytes);
      if (lease == null) {
        return new EncodeOutcome.NoBuffer();
      }
      return encodeInto(lease, limitBytes, encoder, payload, codec, width);
    } finally {
      workspaces.giveBack(workspace);
    }
  }

  /**
   * Decodes bytes that may have been damaged, or be made to do damage.
   *
   * <p>What is decoded is what was encoded as far as 32 bits of checksum can tell; the caller
   * checks the payload's own checksum too.
   *
   * @param encoded the encoded bytes, and maybe more after them
   * @param target exactly {@link Encoding#rawLength} bytes; nothing else is written to
   * @throws IllegalArgumentException when the target has another length, or one is on the heap
   */
  public DecodeOutcome decode(Encoding encoding, MemorySegment encoded, MemorySegment target) {
    if (checkedLength("target", target) != encoding.rawLength()) {
      throw new IllegalArgumentException(
          "target: %d bytes, the payload has %d"
              .formatted(target.byteSize(), encoding.rawLength()));
    }
    if (encoded.byteSize() < encoding.encodedLength()) {
      return new DecodeOutcome.Corrupt(
          "%d encoded bytes, there were %d"
              .formatted(encoded.byteSize(), encoding.encodedLength()));
    }
    if (!encoding.describes(encoded)) {
      return new DecodeOutcome.Corrupt("the encoded bytes fail their checksum");
    }
    MemorySegment bytes = encoded.asSlice(0, encoding.encodedLength());
    checkedLength("encoded", bytes);
    if (encoding.codec() == CodecKind.NONE) {
      target.copyFrom(bytes);
      return DECODED;
    }
    String damage = decodeChunks(encoding, bytes, target);
    return damage == null ? DECODED : new DecodeOutcome.Corrupt(damage);
  }

  /** Waits for what is going on; later calls are refused. Idempotent. */
  @Override
  public void close() {
    workspaces.close();
  }

  private static EncodeOutcome encodeInto(
      Lease lease,
      int limitBytes,
      ChunkEncoder encoder,
      MemorySegment payload,
      CodecKind codec,
      int width) {
    boolean kept = false;
    try {
      long length = encoder.encode(payload, lease.segment().asSlice(0, limitBytes));
      if (length == ChunkEncoder.TOO_LONG) {
        return new EncodeOutcome.Skipped(EncodeOutcome.Skipped.Reason.SAVES_LITTLE);
      }
      Encoding encoding =
          Encoding.of(codec, width, (int) payload.byteSize(), lease.segment().asSlice(0, length));
      kept = true;
      return new EncodeOutcome.Encoded(lease, encoding);
    } finally {
      if (!kept) {
        lease.close();
      }
    }
  }

  private @Nullable String decodeChunks(
      Encoding encoding, MemorySegment bytes, MemorySegment target) {
    Workspace workspace = workspaces.take();
    try {
      return new ChunkDecoder(
              workspace,
              workspace.compressor(encoding.codec(), ElementType.UNDECLARED),
              encoding.elementWidth())
          .decode(bytes, target);
    } finally {
      workspaces.giveBack(workspace);
    }
  }

  private static int checkedLength(String what, MemorySegment bytes) {
    long length = bytes.byteSize();
    if (!bytes.isNative() || length < 1 || length > Encoding.MAX_RAW_BYTES) {
      throw new IllegalArgumentException(
          "%s: %s, must be native memory of 1 to %d bytes"
              .formatted(what, bytes, Encoding.MAX_RAW_BYTES));
    }
    return (int) length;
  }
}
