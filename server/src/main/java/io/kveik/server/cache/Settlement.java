package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.tier.BatchRemovingTier;
import io.kveik.server.tier.FindOutcome;
import io.kveik.server.tier.KeyLockTable;
import io.kveik.server.tier.SharedTier;
import io.kveik.server.tier.Tier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a tier comes to have removed what it owes. The tier itself is asked, for the index knows
 * nothing of what was deleted; and each block once more under its key's lock, for the same block
 * may have been stored again. A namespace that a shared tier can't place or reach now waits: what
 * the tier says of it means nothing. Any thread, which it blocks on the tier's I/O.
 */
final class Settlement {
  /** Blocks that are removed in one go, and whose key locks are held meanwhile. */
  private static final int TOGETHER = 64;

  private final Tier tier;
  private final OwedRemovals owed;
  private final TierHealth health;
  private final KeyLockTable locks;

  /**
   * @param locks of the tier's keys, which its puts hold too
   */
  Settlement(Tier tier, OwedRemovals owed, TierHealth health, KeyLockTable locks) {
    this.tier = tier;
    this.owed = owed;
    this.health = health;
    this.locks = locks;
  }

  /**
   * Removes what is owed, as far as the tier lets it.
   *
   * @param limit debts to try
   * @return what is done
   */
  List<OwedRemoval> run(int limit) {
    List<OwedRemoval> done = new ArrayList<>();
    int tried = 0;
    for (OwedRemoval removal : owed.of(tier.name())) {
      if (!reachable(removal.namespace())) {
        continue;
      }
      if (tried == limit || !health.admits()) {
        break;
      }
      tried++;
      if (settled(removal)) {
        done.add(removal);
      }
    }
    return done;
  }

  private boolean settled(OwedRemoval removal) {
    boolean removed =
        switch (removal) {
          case OwedRemoval.OfBlock one -> removeCovered(one, List.of(one.block()));
          case OwedRemoval.OfNamespace all -> removeAll(all);
        };
    // Its place may have been forgotten in between: then nothing was asked of the store.
    return removed && reachable(removal.namespace());
  }

  private boolean removeAll(OwedRemoval.OfNamespace removal) {
    Pieces pieces = new Pieces(removal);
    boolean complete = tier.scan(pieces::add);
    return pieces.flush() && complete;
  }

  /** What a scan finds, removed some at a time. Its methods exclude each other. */
  private final class Pieces {
    private final OwedRemoval removal;
    private final List<BlockRef> found = new ArrayList<>(TOGETHER);
    private boolean removed = true;

    Pieces(OwedRemoval removal) {
      this.removal = removal;
    }

    synchronized void add(BlockHeader header) {
      if (removal.covers(header)) {
        found.add(header.ref());
        if (found.size() == TOGETHER) {
          flush();
        }
      }
    }

    /** False when some block of any piece may still be there. */
    synchronized boolean flush() {
      if (!found.isEmpty()) {
        removed &= removeCovered(removal, List.copyOf(found));
        found.clear();
      }
      return removed;
    }
  }

  /** Removes those of the blocks that the debt still speaks of; false: some may be there. */
  private boolean removeCovered(OwedRemoval removal, List<BlockRef> blocks) {
    try (KeyLockTable.Held _ = locks.hold(blocks.stream().map(BlockRef::key).toList())) {
      Set<BlockRef> covered = new HashSet<>();
      boolean known = true;
      for (BlockRef block : blocks) {
        switch (tier.find(block)) {
          case FindOutcome.Found(BlockHeader header) -> {
            if (removal.covers(header)) {
              covered.add(block);
            }
          }
          case FindOutcome.Absent() -> {}
          case FindOutcome.Failed(_) -> {
            health.failed();
            known = false;
          }
        }
      }
      return removeAll(covered).isEmpty() && known;
    }
  }

  /**
   * Removes blocks whose key locks the caller holds, in one go if the tier can.
   *
   * @param blocks of one namespace
   * @return those that may still be there
   */
  Set<BlockRef> removeAll(Collection<BlockRef> blocks) {
    if (blocks.isEmpty()) {
      return Set.of();
    }
    Set<BlockRef> left =
        tier instanceof BatchRemovingTier together
            ? together.removeAll(blocks)
            : blocks.stream().filter(block -> !tier.remove(block)).collect(Collectors.toSet());
    if (!left.isEmpty()) {
      health.failed();
    }
    return left;
  }

  private boolean reachable(Fingerprint namespace) {
    return !(tier instanceof SharedTier shared) || shared.reachable(namespace);
  }
}
