package io.kveik.client.data.frame;

import java.nio.ByteBuffer;

/**
 * Body of WELCOME: what the server holds this connection to.
 *
 * @param maxBlockBytes largest payload
 * @param maxBlocksPerLoad most blocks of one LOAD
 * @param maxRequests most LOADs and STOREs that may wait for their answers
 */
public record Welcome(int maxBlockBytes, int maxBlocksPerLoad, int maxRequests) {
  public static final int BODY_BYTES = 20;

  public void encode(ByteBuffer out) {
    out.putInt(DataFrameDescriptor.MAGIC)
        .putShort((short) DataFrameDescriptor.VERSION)
        .putShort((short) 0)
        .putInt(maxBlockBytes)
        .putInt(maxBlocksPerLoad)
        .putInt(maxRequests);
  }

  /**
   * @throws FrameException when it is no WELCOME of this version
   */
  public static Welcome decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.WELCOME, body);
    in.greeting();
    Welcome welcome = new Welcome(in.u32(), in.u32(), in.u32());
    in.end();
    if (welcome.maxBlockBytes < 1 || welcome.maxBlocksPerLoad < 1 || welcome.maxRequests < 1) {
      throw in.wrong("a limit that is not 1 to " + Integer.MAX_VALUE);
    }
    return welcome;
  }
}
