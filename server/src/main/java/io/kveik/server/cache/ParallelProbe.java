package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.runtime.Workers;
import io.kveik.server.tier.FindOutcome;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Asks the tiers below for blocks that the index lacks, for one lookup: several at a time, each on
 * a storage thread, which is as many as the pool has and no more. What is found enters the index.
 *
 * <p>The lookup asks from one thread at a time; answers come in whatever order, and each is
 * followed by a call of the lookup's on the thread that brought it.
 */
final class ParallelProbe {
  private final Fingerprint namespace;
  private final BlockFinder finder;
  private final List<LowerTier> lower;
  private final Workers storage;
  private final int width;
  private final EngineCounters counters;
  private final Runnable onAnswer;

  /** Positions that were sent for; the lookup's. */
  private final BitSet sent = new BitSet();

  private final Map<Integer, Answer> answers = new ConcurrentHashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile boolean over;

  /** What the tiers said of a block. */
  enum Answer {
    /** It is in the index now. */
    PRESENT,
    ABSENT,
    /** A tier that may have it could not be asked. */
    TIER_DOWN
  }

  /** What came of a question. */
  enum Asked {
    /** It is on its way. */
    SENT,
    /** No tier may have the block. */
    NOWHERE,
    /** As many as may be are on their way. */
    ENOUGH,
    /** The storage pool's queue is full. */
    REFUSED
  }

  /**
   * @param width blocks to ask for at a time
   * @param onAnswer called after each answer, on a storage thread
   */
  ParallelProbe(
      Fingerprint namespace,
      BlockFinder finder,
      List<LowerTier> lower,
      Workers storage,
      int width,
      EngineCounters counters,
      Runnable onAnswer) {
    this.namespace = namespace;
    this.finder = finder;
    this.lower = lower;
    this.storage = storage;
    this.width = width;
    this.counters = counters;
    this.onAnswer = onAnswer;
  }

  /**
   * The tiers that may hold what the index lacks: shared ones, and those that were not listed yet.
   * To be asked for before the index is: one whose listing ends in between has its blocks there by
   * then.
   */
  List<LowerTier> unlisted() {
    return lower.stream().filter(tier -> !tier.listed()).toList();
  }

  /**
   * Sends for one block, unless that was done before.
   *
   * @param position of the block in the chain
   * @param unlisted what {@link #unlisted} told before the index was found to lack the block
   */
  Asked ask(int position, BlockKey key, List<LowerTier> unlisted) {
    if (sent.get(position)) {
      return Asked.SENT;
    }
    if (inFlight.get() >= width) {
      return Asked.ENOUGH;
    }
    BlockRef wanted = new BlockRef(namespace, key);
    List<LowerTier> tiers = unlisted.stream().filter(tier -> tier.mayHold(wanted)).toList();
    if (tiers.isEmpty()) {
      return Asked.NOWHERE;
    }
    inFlight.incrementAndGet();
    if (storage.tryExecute(() -> answer(position, wanted, tiers))) {
      sent.set(position);
      return Asked.SENT;
    }
    inFlight.decrementAndGet();
    return Asked.REFUSED;
  }

  /** Null while none has come. */
  @Nullable Answer answerAt(int position) {
    return answers.get(position);
  }

  /** Questions that no thread has taken up yet are not asked any more. */
  void stop() {
    over = true;
  }

  private void answer(int position, BlockRef wanted, List<LowerTier> tiers) {
    if (over) {
      return;
    }
    Answer answer = Answer.TIER_DOWN;
    try {
      answer = find(wanted, tiers);
    } finally {
      answers.put(position, answer);
      inFlight.decrementAndGet();
      onAnswer.run();
    }
  }

  private Answer find(BlockRef wanted, List<LowerTier> tiers) {
    Answer answer = Answer.ABSENT;
    for (LowerTier tier : tiers) {
      if (!tier.admits(namespace)) {
        answer = Answer.TIER_DOWN;
        continue;
      }
      counters.probes.increment();
      switch (tier.find(wanted)) {
        case FindOutcome.Found(BlockHeader header) -> {
          tier.health.succeeded();
          if (finder.inTier(header.key(), tier.ordinal) && header.namespace().equals(namespace)) {
            counters.probesFound.increment();
            return Answer.PRESENT;
          }
        }
        case FindOutcome.Absent() -> tier.health.succeeded();
        case FindOutcome.Failed(_) -> {
          tier.health.failed();
          answer = Answer.TIER_DOWN;
        }
      }
    }
    return answer;
  }
}
