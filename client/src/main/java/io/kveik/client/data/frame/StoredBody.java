package io.kveik.client.data.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Body of STORED.
 *
 * @param ack what the block survives now: one of {@link DataFrameDescriptor}'s
 * @param detail for a person; at most {@link DataFrameDescriptor#MAX_TEXT_BYTES} arrive
 */
public record StoredBody(StoredStatus status, byte ack, String detail) {
  public static final int MAX_BYTES = 4 + DataFrameDescriptor.MAX_TEXT_BYTES;

  public void encode(ByteBuffer out) {
    out.put(status.code()).put(ack).putShort((short) 0).put(text(detail));
  }

  /**
   * @throws FrameException when it is no STORED
   */
  public static StoredBody decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.STORED, body);
    StoredStatus status = StoredStatus.of(in.u8());
    byte ack = in.u8();
    in.zero(in.u16());
    return new StoredBody(status, ack, in.restAsText());
  }

  /** The text's bytes, cut to the limit. */
  static ByteBuffer text(String text) {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    return bytes.limit(Math.min(bytes.limit(), DataFrameDescriptor.MAX_TEXT_BYTES));
  }
}
