package io.kveik.server.tier.encoded;

import io.kveik.server.tier.StoredBlock;

/** What became of a body that was to be decoded. */
public sealed interface DecodedBody {
  /** It passed every check; the receiver closes the block. */
  record Whole(StoredBlock block) implements DecodedBody {}

  /** It failed one. */
  record Damaged(String reason) implements DecodedBody {}

  /** There was no memory for it, or the tier is closing. */
  record NoBuffer() implements DecodedBody {}
}
