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
    long common = Math.min(block.length(), expected.byteSize());
    long wrong = Math.max(block.length(), expected.byteSize()) - common;
    long offset = 0;
    for (ByteBuffer part : block.wrapParts()) {
      long length = Math.min(part.remaining(), common - offset);
      MemorySegment actual = MemorySegment.ofBuffer(part).asSlice(0, length);
      MemorySegment wanted = expected.asSlice(offset, length);
      if (actual.mismatch(wanted) >= 0) {
        wrong += countDifferent(actual, wanted);
      }
      offset += length;
    }
    return wrong;
  }

  private static long countDifferent(MemorySegment a, MemorySegment b) {
    long different = 0;
    for (long i = 0; i < a.byteSize(); i++) {
      if (a.get(JAVA_BYTE, i) != b.get(JAVA_BYTE, i)) {
        different++;
      }
    }
    return different;
  }
}
