package io.kveik.server.tier.object;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * How a block lies in object storage, version 1: one blob per block.
 *
 * <pre>
 *  path      b1/NAMESPACE/KEY             the fingerprint and the key, 64 lower-case hex digits each
 *
 *  metadata  kveik1 = base64url, no padding, of the {@link BlobHead}
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
  static final int METADATA_BYTES = BlobHead.BYTES;

  private static final String QUARANTINE = "quarantine/";
  private static final int KEY_DIGITS = 2 * BlockKey.BYTES;

  private ObjectBlobDescriptor() {}

  /** Where a namespace's blocks are; ends with a slash. */
  static String directory(Fingerprint namespace) {
    return ROOT + namespace + "/";
  }

  static String path(BlockRef block) {
    return directory(block.namespace()) + block.key().toHex();
  }

  /** Where a copy of a blob goes that failed a check. */
  public static String quarantinePath(String path) {
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

  static Map<String, String> metadata(BlobHead head) {
    return Map.of(
        METADATA_NAME,
        Base64.getUrlEncoder().withoutPadding().encodeToString(head.encode().array()));
  }

  /** Checks all that can be checked without the body. */
  static BlobHead.Check check(BlockRef asked, Map<String, String> metadata, long blobLength) {
    String text = metadata.get(METADATA_NAME);
    if (text == null) {
      return new BlobHead.Check.Unsound("no metadata " + METADATA_NAME);
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return new BlobHead.Check.Unsound("metadata is not base64url");
    }
    return BlobHead.check(asked, ByteBuffer.wrap(bytes), blobLength);
  }
}
