package io.kveik.server.cache.eviction;

/** For tiers that nobody asks for a victim: knows nothing, keeps nothing, offers none. */
public sealed class NoEviction implements EvictionPolicy permits LogRetention {
  @Override
  public void requested() {}

  @Override
  public void inserted(int id, BlockTraits traits) {}

  @Override
  public void touched(int id) {}

  @Override
  public void evicted(int id, long identity) {}

  @Override
  public void removed(int id) {}

  @Override
  public void held(int id) {}

  @Override
  public void released(int id) {}

  @Override
  public int victim() {
    return NONE;
  }

  @Override
  public void spared(int id) {}
}
