package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.codec.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * What a record says of itself.
 *
 * @param kind a block, or that there is none any more
 * @param generation of the segment it was written to
 * @param sequence grows with every record of the log
 * @param position where in the segment it begins, bytes
 * @param encoding of the payload; null: it is stored as it is
 * @param block the block's own header; of a tombstone only key and namespace count
 */
record RecordHeader(
    Kind kind,
    long generation,
    long sequence,
    long position,
    @Nullable Encoding encoding,
    BlockHeader block) {
  /** What a record is for. */
  enum Kind {
    BLOCK,
    /** The block of that key, wherever it lies before this in the log, has been removed. */
    TOMBSTONE
  }

  /** Of a record that is to be written at a place. */
  static RecordHeader at(
      SegmentLog.Place place, Kind kind, @Nullable Encoding encoding, BlockHeader block) {
    return new RecordHeader(
        kind,
        place.segment().header.generation(),
        place.sequence(),
        place.position(),
        encoding,
        block);
  }

  /** Bytes of the payload as it is stored. */
  int storedPayloadLength() {
    return encoding == null ? block.payloadLength() : encoding.encodedLength();
  }

  /** Bytes of the body as it is stored. */
  long storedLength() {
    return (long) storedPayloadLength() + block.attributesLength();
  }

  /** Bytes the record takes in the segment. */
  long recordBytes() {
    return RecordDescriptor.recordBytes(storedLength());
  }
}
