package io.kveik.bench.whatif;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/**
 * A tier that is a log of segments: blocks are appended to the youngest; when all segments are full
 * the oldest is freed as a whole. Each block that is still live in it may be written again at the
 * young end, if the retention rule says so: that it
 *
 * <ul>
 *   <li>was used in the younger half of the time since it was written, and
 *   <li>is not in DRAM, from where it would come down again when it is evicted.
 * </ul>
 *
 * <p>The first asks for no constant of any one traffic: a block that is used steadily is kept as
 * long as it is, one whose uses have ended is dropped after one more round at the most. Time is
 * counted in requests.
 *
 * <p>O(1) a call amortised. 20 bytes a block of the trace. Not thread-safe.
 */
final class SegmentLog implements LowerTier {
  private static final int NEVER = 0;

  private final int segments;
  private final int segmentBlocks;
  private final IntPredicate inDram;
  private final IntSupplier request;
  private final Deque<int[]> log = new ArrayDeque<>();
  private final int[] writtenAt;
  private final int[] usedAt;
  private int youngestFill;
  private long writes;

  /**
   * @param capacity blocks; at least one for each segment
   * @param inDram whether a block is in the tier above
   * @param request the number of the request that is being served
   */
  SegmentLog(
      BlockTrace trace, int capacity, int segments, IntPredicate inDram, IntSupplier request) {
    this.segments = segments;
    this.segmentBlocks = Math.max(1, capacity / segments);
    this.inDram = inDram;
    this.request = request;
    this.writtenAt = new int[trace.blocks()];
    this.usedAt = new int[trace.blocks()];
    open();
  }

  @Override
  public boolean has(int block) {
    return writtenAt[block] != NEVER;
  }

  @Override
  public void use(int block) {
    usedAt[block] = now();
  }

  @Override
  public void put(int block) {
    usedAt[block] = now();
    append(block);
  }

  @Override
  public void remove(int block) {
    writtenAt[block] = NEVER;
  }

  @Override
  public long writes() {
    return writes;
  }

  private void append(int block) {
    if (youngestFill == segmentBlocks) {
      open();
    }
    log.getLast()[youngestFill++] = block;
    writtenAt[block] = now();
    writes++;
    // A whole segment that is written again fills at most one: the next is always there.
    while (log.size() > segments) {
      freeOldest();
    }
  }

  private void open() {
    int[] segment = new int[segmentBlocks];
    Arrays.fill(segment, -1);
    log.addLast(segment);
    youngestFill = 0;
  }

  private void freeOldest() {
    for (int block : log.removeFirst()) {
      if (block >= 0 && has(block)) {
        if (keep(block)) {
          append(block);
        } else {
          remove(block);
        }
      }
    }
  }

  /** From 1, so that no time is {@link #NEVER}. */
  private int now() {
    return request.getAsInt() + 1;
  }

  private boolean keep(int block) {
    boolean usedLately = 2 * (now() - usedAt[block]) < now() - writtenAt[block];
    return usedLately && !inDram.test(block);
  }
}
