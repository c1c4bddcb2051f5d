package io.kveik.server.cache;

import io.kveik.server.memory.Records;

/** Looks over a whole index for a block that eviction could take from under its children. */
final class Holds {
  private Holds() {}

  /** True when a block in the tier has a parent there that is not held. */
  static boolean anyParentEvictable(BlockIndex index, int tier) {
    IndexTables tables = index.tables();
    TierPopulation population = tables.tiers.get(tier);
    tables.lock.lock();
    try {
      for (int slot = 1; slot <= tables.blocks.highest(); slot++) {
        if (tables.blocks.is(slot, BlockRecordDescriptor.BLOCK)
            && population.has(slot)
            && tables.blocks.parent(slot) != Records.NONE
            && anyBearerFree(tables, tables.blocks.parent(slot), population)) {
          return true;
        }
      }
      return false;
    } finally {
      tables.lock.unlock();
    }
  }

  private static boolean anyBearerFree(IndexTables tables, int node, TierPopulation tier) {
    for (int slot = tables.chains.firstBearer(node); slot != Records.NONE; ) {
      if (tier.has(slot) && !tables.held(slot, tier)) {
        return true;
      }
      slot = tables.chains.nextBearer(slot);
    }
    return false;
  }
}
