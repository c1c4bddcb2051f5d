package io.kveik.server.cache.eviction;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The policies again, in objects and plain searches: what the fast ones should do. */
abstract class NaivePolicy implements EvictionPolicy {
  /** What is known of a block, cached or ghost. */
  static final class Block {
    final int id;
    boolean held;
    long tick;
    int list;
    int uses;

    Block(int id) {
      this.id = id;
    }
  }

  final Map<Integer, Block> blocks = new HashMap<>();
  long lastTick;

  static NaivePolicy of(PolicyKind kind) {
    return switch (kind) {
      case LRU -> new Lru();
      case S3_FIFO -> new S3();
      case ARC -> new AdaptiveReplacement();
      case HIT_DENSITY -> new Density();
      case DEFAULT -> throw new IllegalArgumentException("has no naive form");
    };
  }

  abstract void place(Block block, long identity);

  abstract @Nullable Block pick();

  @Override
  public void requested() {}

  @Override
  public void inserted(int id, BlockTraits traits) {
    Block block = new Block(id);
    blocks.put(id, block);
    block.tick = ++lastTick;
    place(block, traits.identity);
  }

  @Override
  public void touched(int id) {
    block(id).tick = ++lastTick;
  }

  @Override
  public void evicted(int id, long identity) {
    removed(id);
  }

  @Override
  public void removed(int id) {
    blocks.remove(id);
  }

  @Override
  public void held(int id) {
    block(id).held = true;
  }

  @Override
  public void released(int id) {
    block(id).held = false;
  }

  @Override
  public int victim() {
    Block block = pick();
    return block == null ? NONE : block.id;
  }

  @Override
  public void spared(int id) {
    block(id).tick = ++lastTick;
  }

  final Block block(int id) {
    Block block = blocks.get(id);
    if (block == null) {
      throw new IllegalStateException("block " + id + " is not there");
    }
    return block;
  }

  final long count(int list) {
    return blocks.values().stream().filter(block -> block.list == list).count();
  }

  final @Nullable Block oldestFree(int list) {
    return free()
        .filter(block -> block.list == list)
        .min(Comparator.comparingLong(block -> block.tick))
        .orElse(null);
  }

  final Stream<Block> free() {
    return blocks.values().stream().filter(block -> !block.held);
  }

  private static final class Lru extends NaivePolicy {
    @Override
    void place(Block block, long identity) {}

    @Override
    @Nullable Block pick() {
      return oldestFree(0);
    }
  }

  private static final class S3 extends NaivePolicy {
    private static final int SMALL = 0;
    private static final int MAIN = 1;
    private final Deque<Long> ghosts = new ArrayDeque<>();

    @Override
    void place(Block block, long identity) {
      block.list = ghosts.remove(identity) ? MAIN : SMALL;
    }

    @Override
    public void touched(int id) {
      Block block = block(id);
      block.uses = Math.min(3, block.uses + 1);
      promoteIfHeld(block);
    }

    @Override
    public void held(int id) {
      super.held(id);
      promoteIfHeld(block(id));
    }

    @Override
    public void evicted(int id, long identity) {
      boolean small = block(id).list == SMALL;
      removed(id);
      if (small) {
        ghosts.add(identity);
        while (ghosts.size() > blocks.size()) {
          ghosts.remove();
        }
      }
    }

    @Override
    @Nullable Block pick() {
      while (true) {
        Block small = oldestFree(SMALL);
        Block main = oldestFree(MAIN);
        if (small != null && (10 * count(SMALL) >= blocks.size() || main == null)) {
          if (small.uses < 2) {
            return small;
          }
          promote(small);
        } else if (main == null || main.uses == 0) {
          return main;
        } else {
          main.uses--;
          main.tick = ++lastTick;
        }
      }
    }

    private void promoteIfHeld(Block block) {
      if (block.held && block.list == SMALL && block.uses >= 2) {
        promote(block);
      }
    }

    private void promote(Block block) {
      block.list = MAIN;
      block.uses = 0;
      block.tick = ++lastTick;
    }
  }

  private static final class AdaptiveReplacement extends NaivePolicy {
    private final Deque<Long> recentGhosts = new ArrayDeque<>();
    private final Deque<Long> frequentGhosts = new ArrayDeque<>();
    private double target;
    private boolean frequentReturned;
    private int capacity;

    @Override
    void place(Block block, long identity) {
      double recent = recentGhosts.size();
      double frequent = frequentGhosts.size();
      frequentReturned = false;
      if (recentGhosts.remove(identity)) {
        target = Math.min(capacity, target + Math.max(1, frequent / recent));
        block.list = 1;
      } else if (frequentGhosts.remove(identity)) {
        target = Math.max(0, target - Math.max(1, recent / frequent));
        block.list = 1;
        frequentReturned = true;
      }
    }

    @Override
    public void touched(int id) {
      super.touched(id);
      block(id).list = 1;
    }

    @Override
    public void evicted(int id, long identity) {
      capacity = blocks.size();
      Deque<Long> ghosts = block(id).list == 0 ? recentGhosts : frequentGhosts;
      removed(id);
      ghosts.add(identity);
      while (!recentGhosts.isEmpty() && recentGhosts.size() + count(0) > capacity) {
        recentGhosts.remove();
      }
      while (!frequentGhosts.isEmpty() && recentGhosts.size() + frequentGhosts.size() > capacity) {
        frequentGhosts.remove();
      }
    }

    @Override
    @Nullable Block pick() {
      long recent = count(0);
      boolean fromRecent =
          recent > target || (frequentReturned && recent > 0 && recent == (long) target);
      Block first = oldestFree(fromRecent ? 0 : 1);
      return first != null ? first : oldestFree(fromRecent ? 1 : 0);
    }
  }

  private static final class Density extends NaivePolicy {
    private final LinkedHashMap<Long, Block> ghosts = new LinkedHashMap<>();
    private final ReuseCurves curves = new ReuseCurves(0);
    private final double[] densities = new double[ReuseCurves.CELLS];
    private int uses;

    @Override
    void place(Block block, long identity) {
      Block ghost = ghosts.remove(identity);
      if (ghost != null) {
        block.list = comeBack(ghost, blocks.size() - 1);
      }
      countUse();
    }

    @Override
    public void touched(int id) {
      Block block = block(id);
      lastTick++;
      block.list = comeBack(block, blocks.size());
      block.tick = lastTick;
      countUse();
    }

    @Override
    public void evicted(int id, long identity) {
      ghosts.remove(identity);
      ghosts.put(identity, block(id));
      while (ghosts.size() > 4 * blocks.size()) {
        Block oldest = ghosts.pollFirstEntry().getValue();
        curves.lost(ReuseCurves.cell(oldest.list, lastTick - oldest.tick));
      }
      removed(id);
    }

    @Override
    @Nullable Block pick() {
      ToDoubleFunction<Block> density =
          block -> densities[ReuseCurves.cell(block.list, lastTick - block.tick)];
      Block best = null;
      for (int list = 0; list < ReuseClass.COUNT; list++) {
        Block first = oldestFree(list);
        if (first != null
            && (best == null
                || Comparator.comparingDouble(density)
                        .thenComparingLong(block -> block.tick)
                        .compare(first, best)
                    < 0)) {
          best = first;
        }
      }
      return best;
    }

    /** The class of a block that is used now; its tick is still that of the use before. */
    private int comeBack(Block block, int cached) {
      long gap = lastTick - block.tick;
      curves.reused(ReuseCurves.cell(block.list, gap));
      return ReuseClass.next(block.list, gap, cached);
    }

    private void countUse() {
      uses++;
      if (uses >= Math.max(500, blocks.size())) {
        uses = 0;
        curves.densities(new double[ReuseCurves.CELLS], densities);
        curves.fade(0.9);
      }
    }
  }
}
