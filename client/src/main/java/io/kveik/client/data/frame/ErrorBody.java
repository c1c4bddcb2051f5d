package io.kveik.client.data.frame;

import java.nio.ByteBuffer;

/**
 * Body of ERROR.
 *
 * @param text names field, value and limit; at most {@link DataFrameDescriptor#MAX_TEXT_BYTES}
 *     arrive
 */
public record ErrorBody(ErrorCode code, String text) {
  public static final int MAX_BYTES = 4 + DataFrameDescriptor.MAX_TEXT_BYTES;

  public void encode(ByteBuffer out) {
    out.putShort(code.code()).putShort((short) 0).put(StoredBody.text(text));
  }

  /**
   * @throws FrameException when it is no ERROR
   */
  public static ErrorBody decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.ERROR, body);
    ErrorCode code = ErrorCode.of(in.u16());
    in.zero(in.u16());
    return new ErrorBody(code, in.restAsText());
  }
}
