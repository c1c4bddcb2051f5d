package io.kveik.server.rpc.v1;

import io.kveik.server.block.BlockKey;
import io.kveik.server.rpc.call.Names;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * What a v1 client hands back to read a block: opaque to it, good on every server that shares the
 * secret. Base64url without padding of
 *
 * <pre>
 *   0  version u8 (1)
 *   1  block key 32 bytes
 *  33  partition, UTF-8, to the end
 * </pre>
 *
 * <p>Nothing in it grants anything: the namespace is resolved from the request's own names and the
 * partition, and a block is found only if it belongs to it.
 */
record Location(BlockKey key, String partition) {
  private static final byte VERSION = 1;
  private static final int HEAD = 1 + BlockKey.BYTES;

  String encode() {
    byte[] name = partition.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(HEAD + name.length);
    bytes.put(VERSION);
    key.writeTo(bytes);
    bytes.put(name);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /** Empty for anything {@link #encode} would not have made. */
  static Optional<Location> decode(String text) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (bytes.length < HEAD || bytes.length > HEAD + Names.MAX_LENGTH || bytes[0] != VERSION) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    BlockKey key = BlockKey.of(in);
    String partition = new String(bytes, HEAD, bytes.length - HEAD, StandardCharsets.UTF_8);
    if (!partition.isEmpty() && !Names.legal(partition)) {
      return Optional.empty();
    }
    return Optional.of(new Location(key, partition));
  }
}
