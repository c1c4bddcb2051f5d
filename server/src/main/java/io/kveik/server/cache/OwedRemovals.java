package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What each tier has yet to remove, in memory and in a {@link Journal}. Reads and lookups pass over
 * what is owed, so that a deleted block stays unreadable while its tier can't let go of it.
 *
 * <p>Any thread; {@link #covers} takes no lock and is one field read while nothing is owed. About
 * 250 bytes of heap an entry, and at most {@code limit} of them.
 */
final class OwedRemovals {
  private record TierBlock(String tier, BlockRef block) {}

  private record TierNamespace(String tier, Fingerprint namespace) {}

  /** The log is written anew when it has so many times the records it needs, and some more. */
  private static final int REPEATED = 2;

  private static final int REPEATED_SLACK = 1_000;

  private final Journal<OwedRemoval> log;
  private final int limit;
  private final Map<TierBlock, OwedRemoval.OfBlock> blocks = new ConcurrentHashMap<>();
  private final Map<TierNamespace, OwedRemoval.OfNamespace> namespaces = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final Object logLock = new Object();

  /**
   * @param limit removals that may be owed at a time; what the log holds from before counts, and is
   *     taken in whatever the limit
   */
  OwedRemovals(Journal<OwedRemoval> log, int limit) {
    this.log = log;
    this.limit = limit;
    log.recovered().forEach(this::note);
  }

  /** True when that block, found in that tier, has been deleted. */
  boolean covers(String tier, BlockHeader header) {
    if (count.get() == 0) {
      return false;
    }
    OwedRemoval block = blocks.get(new TierBlock(tier, header.ref()));
    OwedRemoval namespace = namespaces.get(new TierNamespace(tier, header.namespace()));
    return (block != null && block.covers(header))
        || (namespace != null && namespace.covers(header));
  }

  /** True when the tier may hold a deleted block under that name. */
  boolean concerns(String tier, BlockRef block) {
    return count.get() != 0
        && (blocks.containsKey(new TierBlock(tier, block))
            || namespaces.containsKey(new TierNamespace(tier, block.namespace())));
  }

  /** True when no more may be owed. */
  boolean full() {
    return count.get() >= limit;
  }

  /** Takes note of a removal at once; {@link #record} makes it durable. */
  void note(OwedRemoval removal) {
    OwedRemoval before =
        switch (removal) {
          case OwedRemoval.OfBlock one -> blocks.put(new TierBlock(one.tier(), one.block()), one);
          case OwedRemoval.OfNamespace all ->
              namespaces.put(new TierNamespace(all.tier(), all.namespace()), all);
        };
    if (before == null) {
      count.incrementAndGet();
    }
  }

  /**
   * Makes removals that were noted durable; blocks on I/O.
   *
   * @throws IOException when they may not be
   */
  void record(Collection<OwedRemoval> noted) throws IOException {
    if (!noted.isEmpty()) {
      synchronized (logLock) {
        if (log.records() + noted.size() > (long) REPEATED * count.get() + REPEATED_SLACK) {
          log.rewrite(all());
        } else {
          log.append(noted);
        }
      }
    }
  }

  /** What one tier owes. */
  List<OwedRemoval> of(String tier) {
    return all().stream().filter(removal -> removal.tier().equals(tier)).toList();
  }

  /** The latest time of writing that any of it speaks of, epoch milliseconds. */
  long latestMillis() {
    return all().stream().mapToLong(OwedRemoval::writtenUpToMillis).max().orElse(0);
  }

  int count() {
    return count.get();
  }

  /**
   * Forgets what a tier has done, unless it owes a later deletion of the same by now; blocks on
   * I/O.
   *
   * @throws IOException when the log still has it: harmless, it will be found done again
   */
  void settle(Collection<OwedRemoval> done) throws IOException {
    int settled = 0;
    for (OwedRemoval removal : done) {
      boolean forgotten =
          switch (removal) {
            case OwedRemoval.OfBlock one ->
                blocks.remove(new TierBlock(one.tier(), one.block()), one);
            case OwedRemoval.OfNamespace all ->
                namespaces.remove(new TierNamespace(all.tier(), all.namespace()), all);
          };
      settled += forgotten ? 1 : 0;
    }
    count.addAndGet(-settled);
    if (settled > 0) {
      synchronized (logLock) {
        // Under the lock, so that what is recorded meanwhile is in the list or appended after it.
        log.rewrite(all());
      }
    }
  }

  void close() {
    synchronized (logLock) {
      log.close();
    }
  }

  private List<OwedRemoval> all() {
    List<OwedRemoval> all = new ArrayList<>(blocks.values());
    all.addAll(namespaces.values());
    return all;
  }
}
