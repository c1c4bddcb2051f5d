package io.kveik.server.cache.eviction;

/**
 * What a hit on a block saves for each of its bytes, in {@link #levels} steps of a half octave:
 * either the same for all blocks, or the cost of computing it again over its length. A block costs
 * the more the deeper it is, for each of its tokens attends to all before it: twice as much at the
 * depth where attention takes as many FLOPs as the weights. Immutable.
 */
public final class BlockValue {
  /** Every block is worth the same. */
  public static final BlockValue ALIKE = new BlockValue(1, Double.POSITIVE_INFINITY);

  private static final int LEVELS = 64;
  private static final int STEPS_PER_OCTAVE = 2;

  /** Bytes above this are told apart no more, nor is a block of one byte from one of less cost. */
  private static final double MOST_BYTES = 1L << 30;

  private final int levels;
  private final double doublesAtDepth;

  private BlockValue(int levels, double doublesAtDepth) {
    this.levels = levels;
    this.doublesAtDepth = doublesAtDepth;
  }

  /**
   * Cost of computing a block over its length.
   *
   * @param doublesAtDepth blocks before one that costs twice as much as a first one: parameters /
   *     (2 × layers × hidden size × tokens of a block)
   */
  public static BlockValue costPerByte(double doublesAtDepth) {
    if (!(doublesAtDepth > 0)) {
      throw new IllegalArgumentException("doublesAtDepth=" + doublesAtDepth + ", must be above 0");
    }
    return new BlockValue(LEVELS, doublesAtDepth);
  }

  int levels() {
    return levels;
  }

  /** The level of a block, from 0. */
  int level(BlockTraits traits) {
    if (levels == 1) {
      return 0;
    }
    double cost = 1 + traits.depth / doublesAtDepth;
    double value = cost * MOST_BYTES / Math.max(1, traits.bodyBytes);
    double octaves = Math.log(value) / Math.log(2);
    return (int) Math.clamp(Math.round(STEPS_PER_OCTAVE * octaves), 0, levels - 1L);
  }

  /** How much a hit at a level saves, relative to others. */
  double worth(int level) {
    return Math.pow(2, (double) level / STEPS_PER_OCTAVE);
  }
}
