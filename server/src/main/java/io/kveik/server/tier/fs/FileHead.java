package io.kveik.server.tier.fs;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.codec.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * What a block's file says of itself, before the body.
 *
 * @param encoding of the payload; null: it is stored as it is
 */
record FileHead(BlockHeader header, @Nullable Encoding encoding) {
  /** Bytes of the head itself. */
  int length() {
    return encoding == null
        ? FsBlockDescriptor.PLAIN_HEAD_LENGTH
        : FsBlockDescriptor.ENCODED_HEAD_LENGTH;
  }

  /** Bytes of the body as it is stored. */
  long bodyLength() {
    int payload = encoding == null ? header.payloadLength() : encoding.encodedLength();
    return (long) payload + header.attributesLength();
  }

  /** Bytes of the whole file. */
  long fileLength() {
    return length() + bodyLength();
  }
}
