package io.kveik.client.data.frame;

import java.nio.ByteBuffer;

/**
 * One block, or a part of one, that a LOAD asks for.
 *
 * @param id {@link DataFrameDescriptor#MIN_ID_BYTES} to {@link DataFrameDescriptor#MAX_ID_BYTES}
 * @param offset first byte of the part, at least 0
 * @param length bytes of the part; 0: to the end
 * @param room most bytes that the client has room for
 */
public record BlockRange(byte[] id, int offset, int length, int room) {
  public static final int MAX_BYTES = 1 + DataFrameDescriptor.MAX_ID_BYTES + 12;

  /** Bytes on the wire. */
  public int encodedBytes() {
    return 1 + id.length + 12;
  }

  public void encode(ByteBuffer out) {
    out.put((byte) id.length).put(id).putInt(offset).putInt(length).putInt(room);
  }

  /** One of a body that {@link #check} has gone through. */
  static BlockRange decode(ByteBuffer in) {
    byte[] id = new byte[Byte.toUnsignedInt(in.get())];
    in.get(id);
    return new BlockRange(id, in.getInt(), in.getInt(), in.getInt());
  }

  /** Steps over one, or refuses it. */
  static void check(BodyReader in) throws FrameException {
    int idBytes = Byte.toUnsignedInt(in.u8());
    in.checkId(idBytes);
    in.skip(idBytes);
    int offset = in.u32();
    int length = in.u32();
    int room = in.u32();
    if (offset < 0 || length < 0 || room < 0) {
      throw in.wrong("offset, length or room above " + Integer.MAX_VALUE);
    }
  }
}
