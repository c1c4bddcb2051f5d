package io.kveik.client.data.frame;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Body of RELEASE.
 *
 * @param leases 1 to {@link LendBody#MAX_IDS}
 */
public record ReleaseBody(List<Long> leases) {
  public static final int MAX_BYTES = Integer.BYTES + LendBody.MAX_IDS * Long.BYTES;

  public void encode(ByteBuffer out) {
    out.putInt(leases.size());
    leases.forEach(out::putLong);
  }

  /**
   * @throws FrameException when it is no RELEASE
   */
  public static ReleaseBody decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.RELEASE, body);
    int count = in.u32();
    if (count < 1 || count > LendBody.MAX_IDS) {
      throw new FrameException(
          ErrorCode.TOO_LARGE,
          "RELEASE: %d leases, must be 1 to %d"
              .formatted(Integer.toUnsignedLong(count), LendBody.MAX_IDS));
    }
    List<Long> leases = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      leases.add(in.u64());
    }
    in.end();
    return new ReleaseBody(leases);
  }
}
