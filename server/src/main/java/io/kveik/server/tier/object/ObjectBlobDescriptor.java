package io.kveik.server.tier.object;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockHeaderDescriptor;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.codec.Encoding;
import io.kveik.server.codec.EncodingDescriptor;
import io.kveik.server.tier.BlockChecks;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a block lies in object storage, version 1: one blob per block.
 *
 * <pre>
 *  path      b1/NAMESPACE/KEY             the fingerprint and the key, 64 lower-case hex digits each
 *
 *  metadata  kveik1 = base64url, no padding, of
 *     0          160            176
 *     +-----------+--------------+
 *     | header    | encoding     |        {@link BlockHeaderDescriptor}; {@link EncodingDescriptor},
 *     +-----------+--------------+        or zeroes: the payload is stored as it is
 *
 *  body
 *     0                  p                         p + attributes length = blob length
 *     +-------------------+-------------------------+
 *     | payload, encoded  | attributes              |  p: the encoded length; without an encoding
 *     +-------------------+-------------------------+  the payload length
 * </pre>
 *
 * <p>A blob is sound when its header is of a known version, passes its checksum and bears the key
 * <em>and</em> the namespace that its path names, when the encoding is for a payload of the
 * header's length, when the blob is exactly as long as both state, and when both parts pass their
 * checksums, the payload encoded and decoded. A blob in an encoding that this version does not know
 * is foreign: not to be read, not to be harmed.
 */
public final class ObjectBlobDescriptor {
  /** What the paths of all blocks begin with, and no others. */
  public static final String ROOT = "b1/";

  static final int VERSION = 1;
  static final String METADATA_NAME = "kveik1";
  static final int METADATA_BYTES = BlockHeaderDescriptor.LENGTH + EncodingDescriptor.LENGTH;

  private static final String QUARANTINE = "quarantine/";
  private static final int KEY_DIGITS = 2 * BlockKey.BYTES;

  private ObjectBlobDescriptor() {}

  /** What a blob's metadata and length turned out to say. */
  sealed interface Check {
    /**
     * @param encoding null: the payload is stored as it is
     */
    record Sound(BlockHeader header, @Nullable Encoding encoding) implements Check {}

    /** Written by a later version, in an encoding that this one can't read. */
    record Foreign() implements Check {}

    record Unsound(String reason) implements Check {}
  }

  /** Where a namespace's blocks are; ends with a slash. */
  static String directory(Fingerprint namespace) {
    return ROOT + namespace + "/";
  }

  static String path(BlockRef block) {
    return directory(block.namespace()) + block.key().toHex();
  }

  /** Where a copy of a blob goes that failed a check. */
  static String quarantinePath(String path) {
    return QUARANTINE + path;
  }

  /** The block that a listed path names; empty for what is not a block of the namespace. */
  static Optional<BlockRef> refAt(Fingerprint namespace, String path) {
    String directory = directory(namespace);
    if (!path.startsWith(directory) || path.length() != directory.length() + KEY_DIGITS) {
      return Optional.empty();
    }
    String digits = path.substring(directory.length());
    try {
      BlockKey key = BlockKey.of(HexFormat.of().parseHex(digits));
      return key.toHex().equals(digits)
          ? Optional.of(new BlockRef(namespace, key))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The key in a listed path; empty for what is not a block of any namespace. */
  public static Optional<BlockKey> keyAt(String path) {
    int slash = path.indexOf('/', ROOT.length());
    if (slash != ROOT.length() + 2 * Fingerprint.BYTES) {
      return Optional.empty();
    }
    try {
      byte[] namespace = HexFormat.of().parseHex(path, ROOT.length(), slash);
      return refAt(Fingerprint.of(namespace), path).map(BlockRef::key);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static Map<String, String> metadata(BlockHeader header, @Nullable Encoding encoding) {
    ByteBuffer bytes =
        ByteBuffer.allocate(METADATA_BYTES).put(BlockHeaderDescriptor.encode(header));
    if (encoding != null) {
      bytes.put(EncodingDescriptor.encode(encoding));
    }
    return Map.of(
        METADATA_NAME, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array()));
  }

  /** Checks all that can be checked without the body. */
  static Check check(BlockRef asked, Map<String, String> metadata, long blobLength) {
    String text = metadata.get(METADATA_NAME);
    if (text == null) {
      return new Check.Unsound("no metadata " + METADATA_NAME);
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return new Check.Unsound("metadata is not base64url");
    }
    if (bytes.length != METADATA_BYTES) {
      return new Check.Unsound("metadata of " + bytes.length + " bytes, must be " + METADATA_BYTES);
    }
    Optional<BlockHeader> decoded = BlockHeaderDescriptor.decode(ByteBuffer.wrap(bytes));
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
        ByteBuffer.wrap(bytes, BlockHeaderDescriptor.LENGTH, EncodingDescriptor.LENGTH);
    return encoding.mismatch(ByteBuffer.allocate(EncodingDescriptor.LENGTH)) == -1
        ? checkLength(header, null, blobLength)
        : checkEncoded(header, encoding, blobLength);
  }

  private static Check checkEncoded(BlockHeader header, ByteBuffer bytes, long blobLength) {
    if (!EncodingDescriptor.isKnown(bytes)) {
      return new Check.Foreign();
    }
    return EncodingDescriptor.decode(bytes)
        .filter(encoding -> encoding.rawLength() == header.payloadLength())
        .map(encoding -> checkLength(header, encoding, blobLength))
        .orElseGet(() -> new Check.Unsound("encoding fails its check"));
  }

  private static Check checkLength(
      BlockHeader header, @Nullable Encoding encoding, long blobLength) {
    int payloadLength = encoding == null ? header.payloadLength() : encoding.encodedLength();
    long stated = (long) payloadLength + header.attributesLength();
    return blobLength == stated
        ? new Check.Sound(header, encoding)
        : new Check.Unsound(blobLength + " bytes long, metadata states " + stated);
  }
}
