package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.TtlKind;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.FindOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Describes blocks without using them. What only their headers know, a tier that holds them is
 * asked; one that is down is not, and leaves those figures empty. Belongs to one thread.
 */
final class BlockQuery {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final HotMemory hot;
  private final List<LowerTier> lower;
  private final Clock clock;

  BlockQuery(HotMemory hot, List<LowerTier> lower, Clock clock) {
    this.hot = hot;
    this.lower = lower;
    this.clock = clock;
  }

  /**
   * The next page of a walk.
   *
   * @param stop true once the caller's time is over: then the page is shorter, but never empty if
   *     there is something to tell
   */
  QueryOutcome.Page page(SelectionWalk walk, int most, BooleanSupplier stop) {
    List<QueryOutcome.Detail> details = new ArrayList<>();
    while (!walk.over() && details.size() < most) {
      for (IndexedBlock block : walk.next(most - details.size())) {
        if (block.known()) {
          details.add(describe(block));
        }
      }
      if (stop.getAsBoolean()) {
        break;
      }
    }
    return new QueryOutcome.Page(
        details, walk.over() ? OptionalLong.empty() : OptionalLong.of(walk.position()));
  }

  private QueryOutcome.Detail describe(IndexedBlock block) {
    BlockHeader header = header(block);
    List<String> tiers = new ArrayList<>();
    if (hot.header(block.ref()) != null) {
      tiers.add(hot.name());
    }
    lower.stream()
        .filter(tier -> block.inTier(tier.ordinal))
        .forEach(tier -> tiers.add(tier.name()));
    return new QueryOutcome.Detail(
        block.label(),
        Rank.depth(block.rank()),
        tiers,
        block.bodyLength(),
        header == null
            ? OptionalLong.empty()
            : OptionalLong.of(Math.max(0, clock.wallMillis() - header.writtenAtMillis())),
        header == null ? OptionalInt.empty() : OptionalInt.of(header.tokenCount()),
        block.uses(),
        block.priority(),
        block.pinned(),
        ttl(block));
  }

  private QueryOutcome.Ttl ttl(IndexedBlock block) {
    TtlKind kind = block.ttl();
    if (kind == null) {
      return new QueryOutcome.Ttl.None();
    }
    if (block.expiresAtNanos() == BlockView.NEVER) {
      return new QueryOutcome.Ttl.Waiting();
    }
    long leftNanos = block.expiresAtNanos() - clock.nanoTime();
    return new QueryOutcome.Ttl.Left(kind, Math.max(0, leftNanos / NANOS_PER_MILLI));
  }

  private @Nullable BlockHeader header(IndexedBlock block) {
    BlockRef ref = block.ref();
    BlockHeader header = hot.header(ref);
    if (header != null) {
      return header;
    }
    for (LowerTier tier : lower) {
      if (block.inTier(tier.ordinal)
          && !tier.health.down()
          && tier.find(ref) instanceof FindOutcome.Found(BlockHeader found)) {
        return found;
      }
    }
    return null;
  }
}
