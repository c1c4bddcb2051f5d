package io.kveik.client.data.frame;

import java.nio.ByteBuffer;

/**
 * Body of CREDIT.
 *
 * @param bytes payload bytes that the server may send beyond those it was allowed before
 */
public record Credit(long bytes) {
  public static final int BODY_BYTES = Long.BYTES;

  public void encode(ByteBuffer out) {
    out.putLong(bytes);
  }

  /**
   * @throws FrameException when it is no credit
   */
  public static Credit decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.CREDIT, body);
    Credit credit = new Credit(legal(FrameType.CREDIT, in));
    in.end();
    return credit;
  }

  static long legal(FrameType type, BodyReader in) throws FrameException {
    long bytes = in.u64();
    if (bytes < 0) {
      throw new FrameException(
          ErrorCode.TOO_LARGE,
          "%s: credit of %s bytes, limit %d"
              .formatted(type, Long.toUnsignedString(bytes), Long.MAX_VALUE));
    }
    return bytes;
  }
}
