package io.kveik.client.data.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Body of LENT: a block in shared memory, or why there is none.
 *
 * @param index of the block in its LEND
 * @param status found, or why it is not lent; {@link BlockStatus#NO_ROOM} when it is in the store
 *     but not in memory that can be lent: a LOAD brings it
 * @param leaseId for the RELEASE
 * @param leaseMillis from when the LEND was sent
 * @param segmentId the file; the same id is the same file for as long as the server runs
 * @param segmentBytes of the file
 * @param offset of the block in it, see {@code SharedBlockDescriptor}
 * @param generation of the block's content
 * @param segmentPath the file's path
 */
public record LentBody(
    int index,
    BlockStatus status,
    long leaseId,
    int leaseMillis,
    int segmentId,
    long segmentBytes,
    long offset,
    long generation,
    int payloadBytes,
    int metadataBytes,
    int payloadCrc32c,
    int tokenCount,
    String segmentPath) {
  private static final int FIXED_BYTES = 64;
  private static final int MAX_PATH_BYTES = 4_096;
  public static final int MAX_BYTES = FIXED_BYTES + MAX_PATH_BYTES;

  /** A block that is not lent. */
  public static LentBody without(int index, BlockStatus status) {
    return new LentBody(index, status, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "");
  }

  public void encode(ByteBuffer out) {
    // The status is the first of four bytes, the others are reserved.
    out.putInt(index).putInt(status.code() << 24);
    out.putLong(leaseId).putInt(leaseMillis).putInt(segmentId);
    out.putLong(segmentBytes).putLong(offset).putLong(generation);
    out.putInt(payloadBytes).putInt(metadataBytes).putInt(payloadCrc32c).putInt(tokenCount);
    out.put(StandardCharsets.UTF_8.encode(segmentPath));
  }

  /**
   * @throws FrameException when it is no LENT
   */
  public static LentBody decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.LENT, body);
    int index = in.u32();
    BlockStatus status = BlockStatus.of(in.u8());
    in.zero(in.u8());
    in.zero(in.u16());
    LentBody lent =
        new LentBody(
            index,
            status,
            in.u64(),
            in.u32(),
            in.u32(),
            in.u64(),
            in.u64(),
            in.u64(),
            in.u32(),
            in.u32(),
            in.u32(),
            in.u32(),
            in.restAsText());
    if (lent.index < 0 || lent.leaseMillis < 0 || !lent.insideSegment()) {
      throw in.wrong("the block is not inside its segment");
    }
    return lent;
  }

  private boolean insideSegment() {
    return payloadBytes >= 0
        && metadataBytes >= 0
        && metadataBytes <= DataFrameDescriptor.MAX_METADATA_BYTES
        && offset >= 0
        && segmentBytes >= 0
        && (status != BlockStatus.FOUND
            || offset
                <= segmentBytes
                    - SharedBlockDescriptor.PAYLOAD_OFFSET
                    - payloadBytes
                    - metadataBytes);
  }
}
