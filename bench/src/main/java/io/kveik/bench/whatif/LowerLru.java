package io.kveik.bench.whatif;

import io.kveik.server.cache.eviction.EvictionPolicy;

/** A tier that a policy keeps, block by block: flash as if it could be overwritten in place. */
final class LowerLru implements LowerTier {
  private final CacheModel cache;
  private long writes;

  LowerLru(BlockTrace trace, EvictionPolicy policy, int capacity) {
    this.cache = new CacheModel(trace, policy, capacity, _ -> {});
  }

  @Override
  public boolean has(int block) {
    return cache.has(block);
  }

  @Override
  public void requested() {
    cache.requested();
  }

  @Override
  public void use(int block) {
    cache.use(block);
  }

  @Override
  public void put(int block) {
    cache.insert(block);
    writes++;
  }

  @Override
  public void remove(int block) {
    cache.remove(block);
  }

  @Override
  public long writes() {
    return writes;
  }
}
