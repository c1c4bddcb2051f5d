package io.kveik.server.codec;

/** What became of bytes that were to be decoded. */
public sealed interface DecodeOutcome {
  /** The target holds the payload, as far as the checksum of the encoded bytes can tell. */
  record Decoded() implements DecodeOutcome {}

  /** These are not the bytes that an encoder wrote; those of the target are arbitrary. */
  record Corrupt(String reason) implements DecodeOutcome {}
}
