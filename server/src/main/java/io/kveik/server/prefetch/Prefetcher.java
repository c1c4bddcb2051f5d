package io.kveik.server.prefetch;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.PrefetchOutcome;
import io.kveik.server.prefetch.Conversations.Conversation;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.runtime.Workers;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Brings the blocks of conversations to DRAM ahead of their next turn, or when asked to.
 *
 * <p>Of each conversation it remembers where its chain ended; the chain itself is in the index.
 * What is brought is bounded by the engine, and gives way to reads that somebody waits for. Any
 * thread; blocks none.
 */
public final class Prefetcher {
  /** Most blocks of one conversation that are followed back. */
  private static final int MAX_CHAIN = 65_536;

  /**
   * @param conversations how many are remembered
   * @param leadMillis how long before the expected turn its blocks are brought
   */
  public record Options(int conversations, long leadMillis) {}

  private final CacheEngine engine;
  private final Options options;
  private final Workers storage;
  private final Scheduler scheduler;
  private final Conversations conversations;
  private final Map<TurnEnd, LongAdder> turns = new EnumMap<>(TurnEnd.class);

  /**
   * @param storage where chains are followed back when their time comes
   */
  public Prefetcher(CacheEngine engine, Options options, Workers storage, Scheduler scheduler) {
    this.engine = engine;
    this.options = options;
    this.storage = storage;
    this.scheduler = scheduler;
    this.conversations = new Conversations(options.conversations());
    for (TurnEnd end : TurnEnd.values()) {
      turns.put(end, new LongAdder());
    }
  }

  /** A turn begins with this much of its chain cached, root first. */
  public void matched(Fingerprint namespace, List<BlockKey> chain, TurnHints hints) {
    remember(namespace, hints, before -> chain.isEmpty() ? before : Trail.of(chain));
  }

  /** A block was stored that continues the conversation's chain. */
  public void stored(Fingerprint namespace, BlockKey key, TurnHints hints) {
    remember(namespace, hints, before -> before.then(key));
  }

  /**
   * Brings blocks to DRAM: now, or when the hints expect the next turn.
   *
   * @param chain root first
   */
  public PrefetchOutcome prefetch(Fingerprint namespace, List<BlockKey> chain, TurnHints hints) {
    matched(namespace, chain, hints);
    return hints.conversation().isPresent() && hints.nextTurnMillis() > 0
        ? PrefetchOutcome.LATER
        : engine.prefetch(namespace, chain);
  }

  /** Brings what is left of a conversation's chain to DRAM; nothing of one that isn't known. */
  public PrefetchOutcome prefetch(Fingerprint namespace, ContinueId id) {
    return conversations
        .recall(namespace, id)
        .map(known -> bring(namespace, known.trail()))
        .orElse(PrefetchOutcome.NOTHING);
  }

  /** Conversations remembered now. */
  public int conversations() {
    return conversations.size();
  }

  /** Turns that ended in this way, of those that hints told of. */
  public long turns(TurnEnd end) {
    LongAdder count = turns.get(end);
    return count == null ? 0 : count.sum();
  }

  private interface Walked {
    Trail after(Trail before);
  }

  private void remember(Fingerprint namespace, TurnHints hints, Walked walked) {
    if (hints.conversation().isEmpty()) {
      return;
    }
    ContinueId id = hints.conversation().get();
    if (hints.end() != TurnEnd.UNKNOWN) {
      Optional.ofNullable(turns.get(hints.end())).ifPresent(LongAdder::increment);
    }
    conversations.update(
        namespace,
        id,
        before ->
            new Conversation(
                walked.after(before.trail()), hints.end(), plan(namespace, id, hints)));
  }

  private Scheduler.@Nullable Timer plan(Fingerprint namespace, ContinueId id, TurnHints hints) {
    if (hints.nextTurnMillis() == 0) {
      return null;
    }
    return scheduler.after(
        Math.max(0, hints.nextTurnMillis() - options.leadMillis()),
        () -> storage.tryExecute(() -> prefetch(namespace, id)));
  }

  private PrefetchOutcome bring(Fingerprint namespace, Trail trail) {
    for (BlockKey key : trail.keys()) {
      List<BlockKey> chain = engine.chainTo(namespace, key, MAX_CHAIN);
      if (!chain.isEmpty()) {
        return engine.prefetch(namespace, chain);
      }
    }
    return PrefetchOutcome.NOTHING;
  }
}
