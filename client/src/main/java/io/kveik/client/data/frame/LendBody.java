package io.kveik.client.data.frame;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Body of LEND.
 *
 * @param ids of the blocks wanted, 1 to {@link #MAX_IDS}
 */
public record LendBody(List<byte[]> ids) {
  public static final int MAX_IDS = 256;
  public static final int MAX_BYTES =
      Integer.BYTES + MAX_IDS * (1 + DataFrameDescriptor.MAX_ID_BYTES);

  public void encode(ByteBuffer out) {
    out.putInt(ids.size());
    for (byte[] id : ids) {
      out.put((byte) id.length).put(id);
    }
  }

  /**
   * @throws FrameException when it is no LEND
   */
  public static LendBody decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.LEND, body);
    int count = in.u32();
    if (count < 1 || count > MAX_IDS) {
      throw new FrameException(
          ErrorCode.TOO_LARGE,
          "LEND: %d blocks, must be 1 to %d".formatted(Integer.toUnsignedLong(count), MAX_IDS));
    }
    List<byte[]> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(in.id(Byte.toUnsignedInt(in.u8()), false));
    }
    in.end();
    return new LendBody(ids);
  }
}
