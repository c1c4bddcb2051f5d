package io.kveik.client.data.frame;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Body of LOAD, read range by range: what has not been read yet takes no more memory than it did on
 * the wire. One thread at a time.
 */
public final class LoadBody {
  public static final int FIXED_BYTES = 16;

  private final ByteBuffer ranges;
  private final int deadlineMillis;
  private final int count;
  private final long creditBytes;
  private int next;

  private LoadBody(ByteBuffer ranges, int deadlineMillis, int count, long creditBytes) {
    this.ranges = ranges;
    this.deadlineMillis = deadlineMillis;
    this.count = count;
    this.creditBytes = creditBytes;
  }

  /**
   * Writes one.
   *
   * @param deadlineMillis from now; 0 for none
   * @param creditBytes added to the connection's credit
   */
  public static void encode(
      int deadlineMillis, long creditBytes, List<BlockRange> ranges, ByteBuffer out) {
    out.putInt(deadlineMillis).putInt(ranges.size()).putLong(creditBytes);
    for (BlockRange range : ranges) {
      range.encode(out);
    }
  }

  /**
   * Goes through one and refuses it as a whole if anything is wrong with it.
   *
   * @param maxBlocks most ranges
   * @throws FrameException when there are none, too many, or it is no LOAD
   */
  public static LoadBody decode(byte[] body, int maxBlocks) throws FrameException {
    BodyReader in = new BodyReader(FrameType.LOAD, body);
    int deadlineMillis = in.u32();
    int count = in.u32();
    long creditBytes = Credit.legal(FrameType.LOAD, in);
    if (count < 1 || count > maxBlocks) {
      throw new FrameException(
          ErrorCode.TOO_LARGE,
          "LOAD: %d blocks, must be 1 to %d".formatted(Integer.toUnsignedLong(count), maxBlocks));
    }
    for (int i = 0; i < count; i++) {
      BlockRange.check(in);
    }
    in.end();
    ByteBuffer ranges = ByteBuffer.wrap(body).position(FIXED_BYTES);
    return new LoadBody(ranges, deadlineMillis, count, creditBytes);
  }

  /** 0 for none. */
  public long deadlineMillis() {
    return Integer.toUnsignedLong(deadlineMillis);
  }

  public long creditBytes() {
    return creditBytes;
  }

  public int count() {
    return count;
  }

  /** Ranges read so far: the index of the one that {@link #next} reads. */
  public int position() {
    return next;
  }

  public boolean hasNext() {
    return next < count;
  }

  /** The next range; there is one. */
  public BlockRange next() {
    next++;
    return BlockRange.decode(ranges);
  }
}
