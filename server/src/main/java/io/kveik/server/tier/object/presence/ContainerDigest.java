package io.kveik.server.tier.object.presence;

import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.object.presence.SegmentBlobs.Fetch;
import io.kveik.server.tier.object.presence.SegmentBlobs.Listing;
import io.kveik.server.tier.object.presence.SegmentName.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the blocks in one container: those this server stored, exactly until they are
 * published and as fingerprints then, and those that segments of others tell of.
 *
 * <p>Questions and news of single blocks come from any thread and never wait. {@link #refresh} and
 * the two halves of a rebuild run on background threads, hold the digest's lock and block on the
 * store.
 */
final class ContainerDigest {
  /** A listing of more segments than that many times the limit is broken off. */
  private static final int LISTED_PER_SEGMENT = 4;

  /** A container is due for a rebuild when one block in so many has been removed. */
  private static final int REMOVED_SHARE = 4;

  /** A server whose mark stays for so many refresh periods has ended. */
  private static final int ENDED_PERIODS = 10;

  /** One set to ask, and when its blocks were known to be there. */
  private record Source(FingerprintSet set, long sequence) {}

  private final long writer;
  private final AtomicLong generations;
  private final SegmentBlobs blobs;
  private final DigestMemory memory;
  private final PresenceOptions options;
  private final PresenceCounters counters;
  private final Clock clock;

  private final Set<Long> fresh = ConcurrentHashMap.newKeySet();
  private final GoneBlocks gone;
  private final AtomicLong sequence = new AtomicLong();
  private volatile List<Source> sources = List.of();
  private volatile boolean complete;
  private volatile long usedAtNanos;
  private volatile long refreshedAtNanos;
  private final AtomicLong removed = new AtomicLong();
  private final OwnMarks marks;

  // Guarded by this.
  private List<Run> own = List.of();
  private Map<SegmentName, Source> learned = new HashMap<>();
  private final OthersMarks othersMarks;
  private boolean rebuildDue;
  private long claimedPeriod = -1;

  ContainerDigest(
      long writer,
      AtomicLong generations,
      SegmentBlobs blobs,
      DigestMemory memory,
      PresenceOptions options,
      PresenceCounters counters,
      Clock clock) {
    this.writer = writer;
    this.generations = generations;
    this.blobs = blobs;
    this.memory = memory;
    this.options = options;
    this.counters = counters;
    this.clock = clock;
    this.gone = new GoneBlocks(options.goneBlocks());
    this.marks = new OwnMarks(writer, generations, blobs);
    this.othersMarks = new OthersMarks(writer, ENDED_PERIODS * options.refreshMillis());
    this.usedAtNanos = clock.nanoTime();
    this.refreshedAtNanos = usedAtNanos;
  }

  /** False only if the block is certainly not in the container, as far as is known here. */
  boolean mayHold(long hash) {
    usedAtNanos = clock.nanoTime();
    counters.asked.increment();
    if (fresh.contains(hash)) {
      counters.positives.increment();
      return true;
    }
    long goneAt = gone.goneAt(hash);
    for (Source source : sources) {
      if (source.sequence() > goneAt && source.set().mayContain(hash)) {
        counters.positives.increment();
        return true;
      }
    }
    if (!complete && goneAt == GoneBlocks.NEVER) {
      counters.blind.increment();
      return true;
    }
    return false;
  }

  /** A number that grows whenever something is learned. */
  long now() {
    return sequence.get();
  }

  /** The marks of what this server stores. */
  OwnMarks marks() {
    return marks;
  }

  /** This server stored the block. */
  void stored(long hash) {
    usedAtNanos = clock.nanoTime();
    gone.remove(hash);
    if (fresh.size() < options.freshBlocks()) {
      fresh.add(hash);
    } else {
      counters.freshRefused.increment();
    }
  }

  /** The block was there when this server came to store it, whoever did. */
  void present(long hash) {
    // An earlier put may have gone through although it seemed to fail; then nobody has told of it.
    if (!told(hash) || gone.goneAt(hash) != GoneBlocks.NEVER) {
      stored(hash);
    }
  }

  /** This server removed the block. */
  void removed(long hash) {
    fresh.remove(hash);
    gone.add(hash, sequence.get());
    removed.incrementAndGet();
  }

  /**
   * The store does not have the block although it might have been there.
   *
   * @param asOf {@link #now} before the store was asked
   */
  void absent(long hash, long asOf) {
    if (told(hash)) {
      counters.falsePositives.increment();
    }
    gone.add(hash, asOf);
  }

  private boolean told(long hash) {
    return sources.stream().anyMatch(source -> source.set().mayContain(hash));
  }

  /** True for a container that nobody asks for any more and that has nothing to tell. */
  synchronized boolean idle() {
    return clock.nanoTime() - usedAtNanos > options.idleMillis() * 1_000_000
        && fresh.isEmpty()
        && marks.none()
        && own.stream().allMatch(Run::published);
  }

  /** Gives back what it took; not to be used any more. */
  synchronized void forget() {
    learned.values().forEach(source -> memory.giveBack(source.set().bytes()));
    learned = new HashMap<>();
    sources = List.of();
    complete = false;
  }

  /** Tells the others what is new here, and learns what is new there. */
  synchronized void refresh() {
    publish();
    learn();
  }

  /** True when all that this server stored is published. */
  synchronized boolean publish() {
    OwnMarks.Open retiring = marks.retiring();
    seal();
    own = Run.merged(own);
    List<Run> after = new ArrayList<>(own);
    int bits = Precision.forBlocks(blocks());
    boolean all = true;
    for (int i = 0; i < after.size() && all; i++) {
      Run run = after.get(i);
      if (!run.published()) {
        all = blobs.put(run.name(), FingerprintSet.union(List.of(run.set()), bits));
        if (all) {
          after.set(i, run.asPublished());
        }
      }
    }
    own = after;
    expose();
    if (all && retiring != null) {
      marks.retire(retiring);
    }
    return all;
  }

  /** The same when nothing is being stored any more: no mark of this server's is left then. */
  synchronized boolean publishLast() {
    // The first publication leaves the mark of what might have been stored meanwhile.
    return publish() && (marks.none() || publish());
  }

  /** Makes a run of what was stored since the last. */
  private void seal() {
    long[] hashes = fresh.stream().mapToLong(Long::longValue).toArray();
    if (hashes.length == 0) {
      return;
    }
    long generation = generations.incrementAndGet();
    SegmentName name = new SegmentName(writer, generation, generation, Kind.DELTA);
    List<Run> after = new ArrayList<>(own);
    after.add(
        new Run(
            name,
            FingerprintSet.of(hashes.clone(), hashes.length, Precision.SOURCE_BITS),
            false,
            sequence.incrementAndGet()));
    own = after;
    expose();
    // Only now: at no time is a block in neither.
    for (long hash : hashes) {
      fresh.remove(hash);
    }
  }

  private void learn() {
    Listing listing = blobs.list(LISTED_PER_SEGMENT * options.segments());
    if (listing == null) {
      return;
    }
    List<SegmentName> listed = listing.segments();
    listing.marks().stream().filter(marks::left).forEach(blobs::delete);
    Set<SegmentName> current = new HashSet<>();
    for (SegmentName name : listed) {
      if (listed.stream().noneMatch(other -> other.covers(name))) {
        current.add(name);
      } else if (name.writer() == writer) {
        blobs.delete(name);
      }
    }
    Map<SegmentName, Source> now = new HashMap<>();
    boolean told = true;
    boolean sound = listed.size() < LISTED_PER_SEGMENT * options.segments();
    for (SegmentName name : current) {
      Source known = learned.get(name);
      if (known != null) {
        now.put(name, known);
      } else if (!isOwn(name)) {
        switch (blobs.fetch(name)) {
          case Fetch.Loaded(FingerprintSet set) ->
              now.put(name, new Source(set, sequence.incrementAndGet()));
          case Fetch.Corrupt(), Fetch.Refused() -> sound = false;
          // What took its place is in the next listing.
          case Fetch.NotThere(), Fetch.Failed() -> told = false;
        }
      }
    }
    if (told) {
      dropSuperseded(current, now);
      refreshedAtNanos = clock.nanoTime();
      othersMarks.listed(listing.marks(), refreshedAtNanos);
      boolean based = sound && now.keySet().stream().anyMatch(name -> name.kind() == Kind.BASE);
      complete = based && !othersMarks.untold(refreshedAtNanos);
      rebuildDue =
          !based
              || !othersMarks.ofEnded(refreshedAtNanos).isEmpty()
              || current.size() > options.segments()
              || removed.get() > blocks() / REMOVED_SHARE + options.goneBlocks();
    } else {
      // Not all is known only because the store did not answer: no reason to list all blocks.
      learned.putAll(now);
    }
    expose();
  }

  /** True for a segment of what {@link #own} has already. */
  private boolean isOwn(SegmentName name) {
    return own.stream().anyMatch(run -> run.name().equals(name) || run.name().covers(name));
  }

  /** Forgets what is in the listing no more: somebody's base, which was listed too, has it. */
  private void dropSuperseded(Set<SegmentName> current, Map<SegmentName, Source> now) {
    learned.forEach((name, source) -> {
      if (!now.containsKey(name)) {
        memory.giveBack(source.set().bytes());
      }
    });
    learned = now;
    own = own.stream().filter(run -> !run.published() || current.contains(run.name())).toList();
  }

  /** True when the container should be listed: there is no base, or the segments are no good. */
  synchronized boolean rebuildDue() {
    return rebuildDue;
  }

  /**
   * What a rebuild may supersede.
   *
   * @param name of the base to be
   * @param segments published before it began; what they tell of was stored earlier still
   * @param ended marks of servers that had ended before
   */
  record Rebuild(
      SegmentName name, List<SegmentName> segments, List<StoringMark> ended, long removed) {}

  /**
   * The first half of a rebuild, before the blocks are listed; null when it can't begin, or another
   * server is at it.
   */
  synchronized @Nullable Rebuild beginRebuild() {
    // Servers whose clocks differ claim different periods: then two list, which harms nobody.
    long period = clock.wallMillis() / options.rebuildMillis();
    if (period == claimedPeriod) {
      return null;
    }
    claimedPeriod = period;
    if (!blobs.claimRebuild(period)) {
      return null;
    }
    seal();
    Listing listing = blobs.list(LISTED_PER_SEGMENT * options.segments());
    return listing == null
        ? null
        : new Rebuild(
            new SegmentName(writer, 0, generations.incrementAndGet(), Kind.BASE),
            listing.segments(),
            othersMarks.ofEnded(clock.nanoTime()),
            removed.get());
  }

  /**
   * The second half: publishes the base, then deletes what it supersedes, whoever wrote that.
   * Others notice that their segments are gone and let them go, too.
   */
  synchronized boolean finishRebuild(Rebuild rebuild, FingerprintSet listed) {
    FingerprintSet base = FingerprintSet.union(List.of(listed), Precision.forBlocks(listed.size()));
    if (!memory.take(base.bytes())) {
      counters.segmentsRefused.increment();
      return false;
    }
    if (!blobs.put(rebuild.name(), base)) {
      memory.giveBack(base.bytes());
      return false;
    }
    learned.put(rebuild.name(), new Source(base, sequence.incrementAndGet()));
    own = own.stream().filter(run -> run.name().last() > rebuild.name().last()).toList();
    for (SegmentName name : rebuild.segments()) {
      Source superseded = learned.remove(name);
      if (superseded != null) {
        memory.giveBack(superseded.set().bytes());
      }
      blobs.delete(name);
    }
    rebuild.ended().forEach(blobs::delete);
    othersMarks.forget(rebuild.ended());
    blobs.deleteClaimsBefore(claimedPeriod);
    removed.addAndGet(-rebuild.removed());
    complete = !othersMarks.untold(clock.nanoTime());
    rebuildDue = false;
    expose();
    return true;
  }

  /** Fingerprints known, those in several segments counted as often. */
  private long blocks() {
    return own.stream().mapToLong(run -> run.set().size()).sum()
        + learned.values().stream().mapToLong(source -> source.set().size()).sum();
  }

  private void expose() {
    List<Source> all = new ArrayList<>();
    // The largest first: most answers are in it.
    learned.values().stream()
        .sorted((a, b) -> Integer.compare(b.set().size(), a.set().size()))
        .forEach(all::add);
    own.forEach(run -> all.add(new Source(run.set(), run.sequence())));
    sources = List.copyOf(all);
  }

  /** A look at it, without waiting for a refresh that is going on. */
  Status status() {
    List<Source> seen = sources;
    return new Status(
        complete,
        seen.size(),
        seen.stream().mapToLong(source -> source.set().size()).sum(),
        seen.stream().mapToLong(source -> source.set().bytes()).sum(),
        fresh.size(),
        gone.size(),
        seen.stream().mapToDouble(source -> source.set().falsePositiveRate()).sum(),
        (clock.nanoTime() - refreshedAtNanos) / 1_000_000);
  }

  /**
   * One container.
   *
   * @param complete all of it was known at the last refresh
   * @param segments sets that each question is put to
   * @param blocks fingerprints in them
   * @param bytes memory they take
   * @param fresh blocks that wait to be published
   * @param gone blocks remembered as absent
   * @param falsePositiveRate to be expected
   * @param ageMillis since it was refreshed
   */
  record Status(
      boolean complete,
      int segments,
      long blocks,
      long bytes,
      int fresh,
      int gone,
      double falsePositiveRate,
      long ageMillis) {}
}
