package io.kveik.client.data.frame;

import java.nio.ByteBuffer;

/**
 * Body of BLOCK.
 *
 * @param index of the block in its LOAD; {@link DataFrameDescriptor#ALL_BLOCKS} with a status other
 *     than found
 * @param blockBytes payload of the whole block; 0 when it is not known
 * @param metadata what the writer gave with the block
 */
public record BlockBody(
    int index, BlockStatus status, int blockBytes, int tokenCount, byte[] metadata) {
  public static final int FIXED_BYTES = 16;
  private static final byte[] NONE = {};

  /** A block that there is no payload of. */
  public static BlockBody without(int index, BlockStatus status) {
    return new BlockBody(index, status, 0, 0, NONE);
  }

  public int encodedBytes() {
    return FIXED_BYTES + metadata.length;
  }

  public void encode(ByteBuffer out) {
    encodeFixed(index, status, blockBytes, tokenCount, out);
    out.put(metadata);
  }

  /** Writes all but the metadata, for a sender that has those elsewhere. */
  public static void encodeFixed(
      int index, BlockStatus status, int blockBytes, int tokenCount, ByteBuffer out) {
    // The status is the first of four bytes, the others are reserved.
    out.putInt(index).putInt(status.code() << 24).putInt(blockBytes).putInt(tokenCount);
  }

  /**
   * @throws FrameException when it is no BLOCK
   */
  public static BlockBody decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.BLOCK, body);
    int index = in.u32();
    BlockStatus status = BlockStatus.of(in.u8());
    in.zero(in.u8());
    in.zero(in.u16());
    BlockBody block = new BlockBody(index, status, in.u32(), in.u32(), in.rest());
    if (block.blockBytes < 0 || block.tokenCount < 0) {
      throw in.wrong("block bytes or token count above " + Integer.MAX_VALUE);
    }
    return block;
  }
}
