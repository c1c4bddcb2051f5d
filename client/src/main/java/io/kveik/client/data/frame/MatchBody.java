package io.kveik.client.data.frame;

import java.nio.ByteBuffer;

/**
 * Body of MATCH.
 *
 * @param deadlineMillis from now; 0 for none
 * @param request a {@code kveik.v1.MatchRequest} by block ids, without its namespace: that is the
 *     connection's
 */
public record MatchBody(long deadlineMillis, byte[] request) {
  private static final int FIXED_BYTES = Integer.BYTES;

  /** A block's id and what stands before it. */
  private static final int BLOCK_BYTES = 2 + DataFrameDescriptor.MAX_ID_BYTES;

  /** Room for what else a request says. */
  private static final int SPARE_BYTES = 1_024;

  /** Most bytes of a body whose chain has no more than so many blocks. */
  public static int maxBytes(int blocks) {
    return (int)
        Math.min(Integer.MAX_VALUE, FIXED_BYTES + SPARE_BYTES + (long) BLOCK_BYTES * blocks);
  }

  public int encodedBytes() {
    return FIXED_BYTES + request.length;
  }

  public void encode(ByteBuffer out) {
    out.putInt((int) deadlineMillis).put(request);
  }

  /**
   * @throws FrameException when it is no MATCH
   */
  public static MatchBody decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.MATCH, body);
    return new MatchBody(Integer.toUnsignedLong(in.u32()), in.rest());
  }
}
