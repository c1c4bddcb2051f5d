package io.kveik.server.cache;

import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Blocks on their way into a tier: being written, written behind or fetched. A deletion ends the
 * passages of what it deletes before it removes anything, so that nothing it has passed arrives
 * behind its back.
 *
 * <p>Whoever carries a block opens a passage before it takes hold of the bytes and closes it once
 * they have arrived or been dropped. One map entry for each block in flight, so the queues bound
 * it; any thread, O(1), but {@link #endAll}, which is O(blocks in flight).
 */
final class Passages {
  /** One block's way; shared by all that carry it. Every {@link #open} takes one close. */
  final class Passage implements AutoCloseable {
    private final BlockRef block;

    /** Guarded by the map's entry. */
    private int carriers = 1;

    private volatile boolean ended;

    private Passage(BlockRef block) {
      this.block = block;
    }

    /** True once the block has been deleted: it must not arrive any more. */
    boolean ended() {
      return ended;
    }

    /**
     * Lets the block arrive, unless it has been deleted. A deletion that comes meanwhile waits, so
     * that it finds what arrived; the arrival must not block.
     *
     * @return false when nothing was done
     */
    synchronized boolean arrive(Runnable arrival) {
      if (ended) {
        return false;
      }
      arrival.run();
      return true;
    }

    /**
     * The same passage, for another who carries the block; each closes its own. To open one anew
     * would forget a deletion that came since.
     */
    Passage share() {
      open.computeIfPresent(
          block,
          (_, current) -> {
            if (current == this) {
              carriers++;
            }
            return current;
          });
      return this;
    }

    private synchronized void end() {
      ended = true;
    }

    @Override
    public void close() {
      open.computeIfPresent(
          block, (_, current) -> current == this && --carriers == 0 ? null : current);
    }
  }

  private final ConcurrentHashMap<BlockRef, Passage> open = new ConcurrentHashMap<>();

  /** The way of a block; ended from the start while the block is being deleted. */
  Passage open(BlockRef block) {
    return open.compute(
        block,
        (_, current) -> {
          if (current == null) {
            return new Passage(block);
          }
          current.carriers++;
          return current;
        });
  }

  /**
   * Ends the passages of a block, and those that are opened before the answer is closed: what is
   * removed meanwhile can't come back.
   */
  Bar delete(BlockRef block) {
    Passage barred = new Passage(block);
    barred.end();
    open.compute(
        block,
        (_, current) -> {
          if (current != null) {
            current.end();
          }
          return barred;
        });
    return () -> open.remove(block, barred);
  }

  /** Ends those of all blocks of a namespace that are open now. */
  void endAll(Fingerprint namespace) {
    for (BlockRef block : open.keySet()) {
      if (block.namespace().equals(namespace)) {
        delete(block).close();
      }
    }
  }

  /** Blocks in flight. */
  int count() {
    return open.size();
  }

  /** While it is open, a block can't arrive anywhere. */
  @FunctionalInterface
  interface Bar extends AutoCloseable {
    @Override
    void close();
  }
}
