package io.kveik.server.tier.object;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockHeaderDescriptor;
import io.kveik.server.block.BlockRef;
import io.kveik.server.codec.Encoding;
import io.kveik.server.codec.EncodingDescriptor;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.tier.BlockChecks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What object storage keeps of a block besides its body, wherever the body is.
 *
 * <pre>
 *     0          160            176
 *     +-----------+--------------+
 *     | header    | encoding     |        {@link BlockHeaderDescriptor}; {@link EncodingDescriptor},
 *     +-----------+--------------+        or zeroes: the payload is stored as it is
 * </pre>
 *
 * @param encoding null: the payload is stored as it is
 */
public record BlobHead(BlockHeader header, @Nullable Encoding encoding) {
  public static final int BYTES = BlockHeaderDescriptor.LENGTH + EncodingDescriptor.LENGTH;

  private static final ByteBuffer NOT_ENCODED = ByteBuffer.allocate(EncodingDescriptor.LENGTH);

  /** What {@link #BYTES} bytes turned out to say. */
  public sealed interface Check {
    record Sound(BlobHead head) implements Check {}

    /** Written by a later version, in an encoding that this one can't read. */
    record Foreign() implements Check {}

    record Unsound(String reason) implements Check {}
  }

  /**
   * Checks all that can be checked without the body.
   *
   * @param asked what the head has to name
   * @param bytes from the position on
   * @param bodyLength of the body that was found with it
   */
  public static Check check(BlockRef asked, ByteBuffer bytes, long bodyLength) {
    if (bytes.remaining() != BYTES) {
      return new Check.Unsound("head of " + bytes.remaining() + " bytes, must be " + BYTES);
    }
    Optional<BlockHeader> decoded = BlockHeaderDescriptor.decode(bytes);
    if (decoded.isEmpty()) {
      return new Check.Unsound("header fails its check");
    }
    BlockHeader header = decoded.get();
    if (!header.ref().equals(asked)) {
      return new Check.Unsound("holds another block");
    }
    if (header.bodyLength() > BlockChecks.MAX_BODY_BYTES) {
      return new Check.Unsound("header states " + header.bodyLength() + " bytes");
    }
    ByteBuffer encoding =
        bytes.slice(bytes.position() + BlockHeaderDescriptor.LENGTH, EncodingDescriptor.LENGTH);
    return encoding.mismatch(NOT_ENCODED) == -1
        ? new BlobHead(header, null).checkLength(bodyLength)
        : checkEncoded(header, encoding, bodyLength);
  }

  private static Check checkEncoded(BlockHeader header, ByteBuffer bytes, long bodyLength) {
    if (!EncodingDescriptor.isKnown(bytes)) {
      return new Check.Foreign();
    }
    return EncodingDescriptor.decode(bytes)
        .filter(encoding -> encoding.rawLength() == header.payloadLength())
        .map(encoding -> new BlobHead(header, encoding).checkLength(bodyLength))
        .orElseGet(() -> new Check.Unsound("encoding fails its check"));
  }

  private Check checkLength(long bodyLength) {
    return bodyLength == bodyLength()
        ? new Check.Sound(this)
        : new Check.Unsound(bodyLength + " bytes long, head states " + bodyLength());
  }

  /** Bytes of the payload as it is stored. */
  public int payloadLength() {
    return encoding == null ? header.payloadLength() : encoding.encodedLength();
  }

  /** Bytes of the body as it is stored. */
  public long bodyLength() {
    return (long) payloadLength() + header.attributesLength();
  }

  /** {@link #BYTES} bytes, position 0. */
  public ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).put(BlockHeaderDescriptor.encode(header));
    if (encoding != null) {
      bytes.put(EncodingDescriptor.encode(encoding));
    }
    return bytes.clear();
  }

  /**
   * True when a body is as it was stored, found without decoding it. O(length).
   *
   * @param body {@link #bodyLength} bytes
   */
  public boolean describes(MemorySegment body) {
    if (encoding == null) {
      return BlockChecks.mismatch(header, body) == null;
    }
    return encoding.describes(body)
        && Crc32c.of(body, payloadLength(), header.attributesLength()) == header.attributesCrc32c();
  }
}
