package io.kveik.server.cache;

import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.LogRetention;
import io.kveik.server.cache.eviction.NoEviction;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.Lifetimes;
import io.kveik.server.tier.SelfEvictingTier;
import io.kveik.server.tier.SharedTier;
import java.util.ArrayList;
import java.util.List;

/** The tiers below DRAM and the queue before each, top down. */
final class LowerTiers implements AutoCloseable {
  private final List<LowerTier> tiers;
  private final List<WriteBehind> queues;

  /**
   * @param below what they are; the order is theirs in the index, after DRAM
   */
  LowerTiers(
      List<CacheEngine.Below> below,
      BlockIndex index,
      OwedRemovals owed,
      Lifetimes lifetimes,
      WriteClock writeClock,
      Passages passages,
      EngineOptions options,
      Scheduler scheduler,
      Clock clock) {
    List<LowerTier> made = new ArrayList<>();
    for (CacheEngine.Below one : below) {
      made.add(
          new LowerTier(
              one.tier(),
              made.size() + 1,
              one.level(),
              one.capacityBytes(),
              index,
              new TierHealth(clock, options.tierRetryMillis(), !(one.tier() instanceof SharedTier)),
              one.admission(),
              new BackgroundPace(
                  options.movement().behindBytesPerSecond(),
                  options.movement().behindPauseMillis(),
                  clock),
              owed,
              writeClock,
              lifetimes,
              passages));
    }
    this.tiers = List.copyOf(made);
    this.queues = tiers.stream().map(tier -> new WriteBehind(tier, options, scheduler)).toList();
  }

  /** True when some tier takes what DRAM evicts. */
  static boolean demote(List<CacheEngine.Below> below) {
    return below.stream().anyMatch(one -> one.admission() != Admission.WRITE);
  }

  /** The policy of each tier: none for an unbounded one or one that makes room by itself. */
  static List<EvictionPolicy.Factory> policies(
      List<CacheEngine.Below> below, EvictionPolicy.Factory bounded) {
    List<EvictionPolicy.Factory> policies = new ArrayList<>();
    for (CacheEngine.Below one : below) {
      if (one.tier() instanceof SelfEvictingTier) {
        policies.add(LogRetention::new);
      } else {
        policies.add(one.capacityBytes() == Long.MAX_VALUE ? _ -> new NoEviction() : bounded);
      }
    }
    return policies;
  }

  List<LowerTier> tiers() {
    return tiers;
  }

  /** The queue before each of the {@link #tiers}. */
  List<WriteBehind> queues() {
    return queues;
  }

  /** The ways of what DRAM evicts. */
  List<Demoter.Way> demotionWays() {
    List<Demoter.Way> ways = new ArrayList<>();
    for (int i = 0; i < tiers.size(); i++) {
      if (tiers.get(i).admission != Admission.WRITE) {
        ways.add(new Demoter.Way(tiers.get(i), queues.get(i)));
      }
    }
    return ways;
  }

  /** Lists what the tiers hold from before into the index; blocks. Returns blocks found. */
  long list(long nowMillis) {
    long found = 0;
    for (LowerTier tier : tiers) {
      if (tier.awaitsListing()) {
        found += tier.list(nowMillis);
      }
    }
    return found;
  }

  /** Writes what is queued, then closes the tiers. */
  @Override
  public void close() {
    queues.forEach(WriteBehind::close);
    tiers.forEach(tier -> tier.tier.close());
  }
}
