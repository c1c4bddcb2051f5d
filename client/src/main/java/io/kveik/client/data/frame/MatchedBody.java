package io.kveik.client.data.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Body of MATCHED.
 *
 * @param answer with {@link MatchedStatus#MATCHED} a {@code kveik.v1.MatchResponse}, else a text
 *     for a person
 */
public record MatchedBody(MatchedStatus status, byte[] answer) {
  private static final int FIXED_BYTES = 4;

  /** A run of blocks in one tier, and what stands before it. */
  private static final int RUN_BYTES = 16;

  /** Room for why the chain ends. */
  private static final int SPARE_BYTES = 4_096;

  /** The chain was looked up. */
  public static MatchedBody matched(byte[] response) {
    return new MatchedBody(MatchedStatus.MATCHED, response);
  }

  /** It was not, for this reason. */
  public static MatchedBody without(MatchedStatus status, String why) {
    ByteBuffer text = StoredBody.text(why);
    byte[] bytes = new byte[text.remaining()];
    text.get(bytes);
    return new MatchedBody(status, bytes);
  }

  /** Most bytes of a body that answers for no more than so many blocks. */
  public static int maxBytes(int blocks) {
    return (int) Math.min(Integer.MAX_VALUE, FIXED_BYTES + SPARE_BYTES + (long) RUN_BYTES * blocks);
  }

  public int encodedBytes() {
    return FIXED_BYTES + answer.length;
  }

  /** The answer as a text for a person. */
  public String text() {
    return new String(answer, StandardCharsets.UTF_8);
  }

  public void encode(ByteBuffer out) {
    // The status is the first of four bytes, the others are reserved.
    out.putInt(status.code() << 24).put(answer);
  }

  /**
   * @throws FrameException when it is no MATCHED
   */
  public static MatchedBody decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.MATCHED, body);
    MatchedStatus status = MatchedStatus.of(in.u8());
    in.zero(in.u8());
    in.zero(in.u16());
    return new MatchedBody(status, in.rest());
  }
}
