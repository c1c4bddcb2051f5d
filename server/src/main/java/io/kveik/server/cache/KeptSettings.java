package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.KeptSetting.Subject;
import io.kveik.server.cache.KeptSetting.Value;
import io.kveik.server.tier.Lifetimes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What control operations have set for blocks, in memory and in a {@link Journal}, so that blocks
 * that come back from their tiers have it; their stored headers never change.
 *
 * <p>One entry for each block and kind of setting, or for each namespace and kind where all of a
 * namespace was meant; of two that speak of a block the later holds. A block's entries go with it.
 * About 250 bytes of heap each. What is noted holds at once, and is durable after {@link #sync}:
 * one write and one sync for all that was noted until then, by whomever.
 *
 * <p>Any thread. {@link #terms} and {@link #forget(BlockRef)} never wait and are O(1), so that they
 * may be called under the index lock; what is said of a whole namespace is O(entries).
 */
public final class KeptSettings implements Lifetimes, AutoCloseable {
  /** The journal is written anew when it has so many times the records it needs, and some more. */
  private static final int REPEATED = 2;

  private static final int REPEATED_SLACK = 1_000;

  private final Journal<KeptSetting> journal;
  private final int limit;
  private final Map<Subject, KeptSetting> priorities = new ConcurrentHashMap<>();
  private final Map<Subject, KeptSetting> ttls = new ConcurrentHashMap<>();
  private final Map<Subject, KeptSetting> pins = new ConcurrentHashMap<>();
  private final Queue<KeptSetting> unsynced = new ConcurrentLinkedQueue<>();
  private final Object journalLock = new Object();

  /**
   * Guarded by the journal's lock: what is in the file may be less than what was noted, or more.
   */
  private boolean rewriteDue;

  /**
   * @param journal taken over
   * @param limit entries there may be; what the journal holds from before counts, and is taken in
   *     whatever the limit
   */
  public KeptSettings(Journal<KeptSetting> journal, int limit) {
    this.journal = journal;
    this.limit = limit;
    journal.recovered().forEach(this::apply);
  }

  /** Settings that end with the process: for tests and tools. */
  public static KeptSettings forgetful() {
    return new KeptSettings(Journal.forgetful(), Integer.MAX_VALUE);
  }

  /** What holds for a block that is found in a tier. */
  BlockTerms terms(BlockHeader header) {
    BlockTerms written = BlockTerms.of(header);
    return isEmpty() ? written : written.with(of(header, priorities)).with(of(header, ttls));
  }

  @Override
  public boolean over(BlockHeader header, long wallMillis) {
    return terms(header).overAt(wallMillis);
  }

  /** True when the block is to be in DRAM and stay there. */
  boolean pinned(BlockRef block) {
    return pins.containsKey(new Subject.OfBlock(block));
  }

  /** The TTL that has been set for this one block; null: none, or for all of its namespace. */
  @Nullable KeptSetting ttlOf(BlockRef block) {
    return ttls.get(new Subject.OfBlock(block));
  }

  /** The blocks that are to be in DRAM. */
  List<BlockRef> pinned() {
    List<BlockRef> blocks = new ArrayList<>();
    for (Subject subject : pins.keySet()) {
      if (subject instanceof Subject.OfBlock(BlockRef block)) {
        blocks.add(block);
      }
    }
    return blocks;
  }

  /** How many they are. */
  int pinnedCount() {
    return pins.size();
  }

  /** The latest time of writing that any entry speaks of, epoch milliseconds. */
  long latestMillis() {
    return all().stream().mapToLong(KeptSetting::writtenUpToMillis).max().orElse(0);
  }

  int count() {
    return priorities.size() + ttls.size() + pins.size();
  }

  int limit() {
    return limit;
  }

  /**
   * True when this may be noted: it needs no entry, or takes the place of one, or there is room.
   */
  boolean admits(Subject subject, Value value) {
    boolean unpins = value instanceof Value.Pinned(boolean pinned) && !pinned;
    return unpins || !full() || ofKind(value).containsKey(subject);
  }

  /** True when no more may be kept. */
  boolean full() {
    return count() >= limit;
  }

  /** Takes note of a setting; {@link #sync} makes it durable. */
  void note(KeptSetting setting) {
    apply(setting);
    unsynced.add(setting);
  }

  /**
   * Makes durable whatever has been noted; blocks on I/O.
   *
   * @throws IOException when some of it may not be; the next call tries all of it again
   */
  void sync() throws IOException {
    synchronized (journalLock) {
      List<KeptSetting> noted = new ArrayList<>();
      for (KeptSetting one = unsynced.poll(); one != null; one = unsynced.poll()) {
        noted.add(one);
      }
      long records = journal.records() + noted.size();
      if (rewriteDue || records > (long) REPEATED * count() + REPEATED_SLACK) {
        rewriteDue = true;
        journal.rewrite(all());
      } else if (!noted.isEmpty()) {
        // Until it has succeeded nobody knows what the file's end is.
        rewriteDue = true;
        journal.append(noted);
      }
      rewriteDue = false;
    }
  }

  /**
   * Rids the journal of what no longer holds; blocks on I/O.
   *
   * @throws IOException when it is as it was
   */
  void compact() throws IOException {
    synchronized (journalLock) {
      rewriteDue |= journal.records() > count();
      sync();
    }
  }

  /** The block has left its last tier; it would come back as another. */
  void forget(BlockRef block) {
    if (!isEmpty()) {
      Subject subject = new Subject.OfBlock(block);
      priorities.remove(subject);
      ttls.remove(subject);
      pins.remove(subject);
    }
  }

  /**
   * A block is no longer to be kept in DRAM. After a crash it may be for one more start.
   *
   * @return whether it was to be
   */
  boolean forgetPin(BlockRef block) {
    return pins.remove(new Subject.OfBlock(block)) != null;
  }

  /**
   * All that was written to a namespace up to a time has been deleted; after a {@link #sync} the
   * journal does not name them either.
   */
  void forget(Fingerprint namespace, long writtenUpToMillis) {
    forgetIf(setting ->
        namespaceOf(setting.subject()).equals(namespace)
            && setting.writtenUpToMillis() <= writtenUpToMillis);
  }

  /** Lets go of what is said of subjects that are nowhere any more. */
  void retainIf(Predicate<Subject> stored) {
    forgetIf(setting -> !stored.test(setting.subject()));
  }

  @Override
  public void close() {
    synchronized (journalLock) {
      journal.close();
    }
  }

  private void forgetIf(Predicate<KeptSetting> gone) {
    boolean some = priorities.values().removeIf(gone);
    some |= ttls.values().removeIf(gone);
    some |= pins.values().removeIf(gone);
    if (some) {
      synchronized (journalLock) {
        rewriteDue = true;
      }
    }
  }

  private void apply(KeptSetting setting) {
    Map<Subject, KeptSetting> kind = ofKind(setting.value());
    if (setting.subject() instanceof Subject.OfNamespace(Fingerprint namespace)) {
      kind.values()
          .removeIf(one -> namespaceOf(one.subject()).equals(namespace) && !isLater(one, setting));
    }
    if (setting.value() instanceof Value.Pinned(boolean pinned) && !pinned) {
      kind.computeIfPresent(setting.subject(), (_, one) -> isLater(one, setting) ? one : null);
    } else {
      kind.merge(setting.subject(), setting, (one, _) -> isLater(one, setting) ? one : setting);
    }
  }

  private Map<Subject, KeptSetting> ofKind(Value value) {
    return switch (value) {
      case Value.Priority _ -> priorities;
      case Value.Ttl _ -> ttls;
      case Value.Pinned _ -> pins;
    };
  }

  private static @Nullable KeptSetting of(BlockHeader header, Map<Subject, KeptSetting> kind) {
    KeptSetting own = kind.get(new Subject.OfBlock(header.ref()));
    KeptSetting all = kind.get(new Subject.OfNamespace(header.namespace()));
    KeptSetting latest = own == null || (all != null && isLater(all, own)) ? all : own;
    return latest != null && latest.covers(header) ? latest : null;
  }

  private static boolean isLater(KeptSetting one, KeptSetting other) {
    return one.writtenUpToMillis() > other.writtenUpToMillis();
  }

  private static Fingerprint namespaceOf(Subject subject) {
    return switch (subject) {
      case Subject.OfBlock(BlockRef block) -> block.namespace();
      case Subject.OfNamespace(Fingerprint namespace) -> namespace;
    };
  }

  private boolean isEmpty() {
    return priorities.isEmpty() && ttls.isEmpty() && pins.isEmpty();
  }

  private List<KeptSetting> all() {
    List<KeptSetting> all = new ArrayList<>(priorities.values());
    all.addAll(ttls.values());
    all.addAll(pins.values());
    return all;
  }
}
