package io.kveik.client.data.frame;

import java.nio.ByteBuffer;

/**
 * Body of HELLO.
 *
 * @param ticket {@link DataFrameDescriptor#TICKET_BYTES} got over gRPC
 * @param creditBytes payload bytes that the server may send before it is given more
 */
public record Hello(byte[] ticket, long creditBytes) {
  public static final int BODY_BYTES = 8 + DataFrameDescriptor.TICKET_BYTES + 8;

  public void encode(ByteBuffer out) {
    out.putInt(DataFrameDescriptor.MAGIC)
        .putShort((short) DataFrameDescriptor.VERSION)
        .putShort((short) 0)
        .put(ticket)
        .putLong(creditBytes);
  }

  /**
   * @throws FrameException when it is no HELLO of this version
   */
  public static Hello decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.HELLO, body);
    in.greeting();
    Hello hello =
        new Hello(in.bytes(DataFrameDescriptor.TICKET_BYTES), Credit.legal(FrameType.HELLO, in));
    in.end();
    return hello;
  }
}
