package io.kveik.bench.block;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.kveik.client.Block;
import io.kveik.client.BlockInfo;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Compares a block that was read with what it has to be. Stateless. */
public final class BlockCheck {
  private BlockCheck() {}

  /**
   * Whether label, parent label and tokens are right.
   *
   * @param tokens holds the block's tokens from {@code from} on
   */
  public static boolean describes(
      BlockInfo info, long label, long parentLabel, long[] tokens, int from) {
    return info.label() == label
        && info.parentLabel() == parentLabel
        && Arrays.equals(
            info.tokens(),
            0,
            info.tokens().length,
            tokens,
            from,
            Math.min(tokens.length, from + BlockContent.TOKENS));
  }

  /** How many bytes differ; bytes that are missing or too many count too. */
  public static long wrongBytes(Block block, MemorySegment expected) {
    long wrong = sizeDifference(block.length(), expected);
    long offset = 0;
    for (ByteBuffer part : block.wrapParts()) {
      long left = expected.byteSize() - offset;
      long length = Math.min(part.remaining(), left);
      wrong +=
          countDifferent(
              MemorySegment.ofBuffer(part).asSlice(0, length), expected.asSlice(offset, length));
      offset += length;
    }
    return wrong;
  }

  /** The same of a payload in memory. */
  public static long wrongBytes(MemorySegment payload, MemorySegment expected) {
    long common = Math.min(payload.byteSize(), expected.byteSize());
    return sizeDifference(payload.byteSize(), expected)
        + countDifferent(payload.asSlice(0, common), expected.asSlice(0, common));
  }

  private static long sizeDifference(long bytes, MemorySegment expected) {
    return Math.abs(bytes - expected.byteSize());
  }

  private static long countDifferent(MemorySegment a, MemorySegment b) {
    long first = a.mismatch(b);
    if (first < 0) {
      return 0;
    }
    long different = 0;
    for (long i = first; i < a.byteSize(); i++) {
      if (a.get(JAVA_BYTE, i) != b.get(JAVA_BYTE, i)) {
        different++;
      }
    }
    return different;
  }
}
