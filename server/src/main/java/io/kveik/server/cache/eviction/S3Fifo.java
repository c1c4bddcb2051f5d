package io.kveik.server.cache.eviction;

import io.kveik.server.memory.RecordMemory;

/**
 * S3-FIFO (Yang et al., SOSP 2023) among the blocks that may go: a small queue for what is new,
 * from which only what was used twice since gets into the main queue, where each use buys another
 * round.
 *
 * <p>Two things differ from the paper. A block with cached children can't come to the end of its
 * queue, so one in the small queue moves to the main one at its second use. And what comes back
 * soon after it left the small queue goes to the main one, as in the paper, but the memory of it is
 * as long as the tier is large, not as the main queue.
 *
 * <p>A touch is O(1), the rest O(log n) at worst. 16 bytes a block and 36 a ghost, one ghost a
 * block. Single-threaded.
 */
public final class S3Fifo implements EvictionPolicy {
  private static final int SMALL_SHARE = 10;
  private static final int MAX_USES = 3;
  private static final int USES_TO_STAY = 2;

  /** Mark: uses in the low bits, and this where the block is in the main queue. */
  private static final int MAIN = MAX_USES + 1;

  private final LeafRecords records;
  private final LeafQueue smallQueue;
  private final LeafQueue mainQueue;
  private final Ghosts ghosts;
  private int smallBlocks;
  private int mainBlocks;

  /**
   * @param memory where its records are; outlives it
   */
  public S3Fifo(RecordMemory memory) {
    this.records = new LeafRecords(memory);
    this.smallQueue = new LeafQueue(records, memory);
    this.mainQueue = new LeafQueue(records, memory);
    this.ghosts = new Ghosts(memory);
  }

  @Override
  public void prepare(int highestId) {
    records.ensure(highestId);
  }

  @Override
  public void requested() {}

  @Override
  public void inserted(int id, BlockTraits traits) {
    int ghost = ghosts.find(traits.identity);
    if (ghost == Ghosts.NONE) {
      records.enter(id, 0);
      smallBlocks++;
      smallQueue.add(id);
    } else {
      ghosts.remove(ghost);
      records.enter(id, MAIN);
      mainBlocks++;
      mainQueue.add(id);
    }
  }

  @Override
  public void touched(int id) {
    if (uses(id) < MAX_USES) {
      records.setMark(id, records.mark(id) + 1);
    }
    if (records.isHeld(id)) {
      promoteIfUsed(id);
    }
  }

  @Override
  public void evicted(int id, long identity) {
    boolean wasSmall = !isMain(id);
    removed(id);
    if (wasSmall) {
      ghosts.add(identity, 0);
      while (ghosts.size() > smallBlocks + mainBlocks) {
        ghosts.remove(ghosts.oldest());
      }
    }
  }

  @Override
  public void removed(int id) {
    queueOf(id).remove(id);
    if (isMain(id)) {
      mainBlocks--;
    } else {
      smallBlocks--;
    }
  }

  @Override
  public void held(int id) {
    queueOf(id).remove(id);
    promoteIfUsed(id);
  }

  @Override
  public void released(int id) {
    queueOf(id).add(id);
  }

  @Override
  public int victim() {
    while (true) {
      boolean smallIsLarge = (long) smallBlocks * SMALL_SHARE >= (long) smallBlocks + mainBlocks;
      int small = smallQueue.first();
      int main = mainQueue.first();
      if (small != NONE && (smallIsLarge || main == NONE)) {
        if (uses(small) < USES_TO_STAY) {
          return small;
        }
        smallQueue.remove(small);
        promoteIfUsed(small);
        mainQueue.add(small);
      } else if (main == NONE || uses(main) == 0) {
        return main;
      } else {
        records.setMark(main, records.mark(main) - 1);
        spared(main);
      }
    }
  }

  @Override
  public void spared(int id) {
    queueOf(id).remove(id);
    records.renew(id);
    queueOf(id).add(id);
  }

  /** For a block in no queue. */
  private void promoteIfUsed(int id) {
    if (!isMain(id) && uses(id) >= USES_TO_STAY) {
      records.setMark(id, MAIN);
      records.renew(id);
      smallBlocks--;
      mainBlocks++;
    }
  }

  private LeafQueue queueOf(int id) {
    return isMain(id) ? mainQueue : smallQueue;
  }

  private boolean isMain(int id) {
    return (records.mark(id) & MAIN) != 0;
  }

  private int uses(int id) {
    return records.mark(id) & MAX_USES;
  }
}
