package io.kveik.bench.whatif;

import io.kveik.server.cache.eviction.BlockTraits;
import io.kveik.server.cache.eviction.LogRetention;
import io.kveik.server.memory.RecordMemory;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.function.IntPredicate;

/**
 * A tier that is a log of segments: blocks are appended to the youngest; when all segments are full
 * the oldest is freed as a whole. Each block that is still live in it may be written again at the
 * young end, if the retention rule says so: {@link LogRetention}'s, and that it is not in DRAM,
 * from where it would come down again when it is evicted.
 *
 * <p>O(1) a call amortised. 9 bytes a block of the trace, 4 a block of the tier. Not thread-safe.
 */
final class SegmentLog implements LowerTier {
  private final int segments;
  private final int segmentBlocks;
  private final IntPredicate inDram;
  private final LogRetention retention;
  private final BlockTraits traits = new BlockTraits();
  private final Deque<int[]> log = new ArrayDeque<>();
  private final BitSet here;
  private int youngestFill;
  private long writes;

  /**
   * @param capacity blocks; at least one for each segment
   * @param inDram whether a block is in the tier above
   * @param memory for what the retention rule knows; outlives this
   */
  SegmentLog(
      BlockTrace trace, int capacity, int segments, IntPredicate inDram, RecordMemory memory) {
    this.segments = segments;
    this.segmentBlocks = Math.max(1, capacity / segments);
    this.inDram = inDram;
    this.retention = new LogRetention(memory);
    this.here = new BitSet(trace.blocks());
    open();
  }

  @Override
  public boolean has(int block) {
    return here.get(block);
  }

  @Override
  public void requested() {
    retention.requested();
  }

  @Override
  public void use(int block) {
    retention.touched(id(block));
  }

  @Override
  public void put(int block) {
    here.set(block);
    retention.inserted(id(block), traits);
    append(block);
  }

  @Override
  public void remove(int block) {
    here.clear(block);
    retention.removed(id(block));
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
        if (!inDram.test(block) && retention.keep(id(block))) {
          append(block);
        } else {
          remove(block);
        }
      }
    }
  }

  private static int id(int block) {
    return block + 1;
  }
}
