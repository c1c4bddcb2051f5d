package io.kveik.server.tier.object.presence;

/** How many bits of a key to keep. */
final class Precision {
  /** What a server keeps of its own blocks until they are in a base: some 3 bytes a block. */
  static final int SOURCE_BITS = 40;

  /** Less would save nothing worth having: 16,384 blocks at 26 bits take 29 KiB. */
  private static final int LEAST_BITS = 26;

  /** Above the blocks' logarithm: one false positive in 512 to 1,024. */
  private static final int SLACK_BITS = 9;

  private Precision() {}

  /** What to publish, so that false positives stay below one in 512. */
  static int forBlocks(long blocksInContainer) {
    int logarithm = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, blocksInContainer) - 1);
    return Math.clamp(logarithm + SLACK_BITS, LEAST_BITS, SOURCE_BITS);
  }
}
