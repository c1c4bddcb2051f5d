package io.kveik.server.codec;

import io.kveik.server.memory.Lease;
import java.lang.foreign.MemorySegment;

/** What became of a payload that was to be encoded. */
public sealed interface EncodeOutcome {
  /**
   * Encoded.
   *
   * @param lease what was asked for, of which the encoded bytes are the first; the receiver closes
   *     it
   */
  record Encoded(Lease lease, Encoding encoding) implements EncodeOutcome {
    /** The encoded bytes; aliases the leased memory. */
    public MemorySegment bytes() {
      return lease.segment().asSlice(0, encoding.encodedLength());
    }
  }

  /** Better stored as it is; nothing is leased. */
  record Skipped(Reason reason) implements EncodeOutcome {
    /** Why. */
    public enum Reason {
      /** The codec is {@link CodecKind#NONE}. */
      NO_CODEC,
      /** A sample of it came out at more than nine tenths of its length. */
      SAMPLE_SAVES_LITTLE,
      /** The whole came out at more than nine tenths of its length. */
      SAVES_LITTLE
    }
  }

  /** There was no memory to encode into. */
  record NoBuffer() implements EncodeOutcome {}
}
