package io.kveik.bench.whatif;

import io.kveik.server.block.TurnEnd;

/**
 * DRAM as a server keeps it that has no tier below: the rules of its {@code ChainAdmission} around
 * a {@link CacheModel}, for writes that arrive one after the other. A block for which its parent
 * would have to go is not admitted, nor is one without its parent; to the policy it came and went
 * at once.
 */
final class UntieredCache implements SimulatedCache {
  private final BlockTrace trace;
  private final CacheModel model;

  UntieredCache(BlockTrace trace, CacheModel model) {
    this.trace = trace;
    this.model = model;
  }

  @Override
  public boolean has(int block) {
    return model.has(block);
  }

  @Override
  public void requested() {
    model.requested();
  }

  @Override
  public void hinted(int block, TurnEnd end) {
    model.hinted(block, end);
  }

  @Override
  public void use(int block) {
    if (has(block) || !model.isFull()) {
      model.use(block);
      return;
    }
    int parent = trace.parent(block);
    if (parent != BlockTrace.ROOT && (!has(parent) || model.victim() == parent)) {
      model.passBy(block);
    } else {
      model.evict();
      model.insert(block);
    }
  }
}
