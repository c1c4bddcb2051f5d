package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import io.kveik.server.runtime.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The exact index: which block is in which tier, how blocks chain, who is evicted next and what is
 * remembered of those that left.
 *
 * <p>{@link #find} takes no lock, never waits and allocates nothing. Everything that changes
 * structure takes one lock for a few hundred nanoseconds (a prefix touch: once for the whole
 * prefix) and never does I/O under it.
 *
 * <p>All of it but the ghosts and a directory of pages (4 bytes for 600 blocks) lies off-heap, in
 * fixed-size records that refer to each other by number; {@link BlockRecordDescriptor} has their
 * layouts. Back of the envelope, bytes a block:
 *
 * <pre>
 *   block record      44   key 16, label 8, namespace 4, uses and flags 4, depth 4, parent 4, next 4
 *   its place by key  13   an 8-byte word, pages 62 % full     {@link TagTable}
 *   its label bucket   4   one head a block                    {@link LabelTable}
 *                     --
 *                     61   and for each tier that holds it:
 *   number in record   4
 *   resident record   32   rest of the key 16, block 4, children 4, bytes 4, flags 4
 *   policy            20   {@link PolicyKind}: last use, place, links, priority
 *                     --
 *                     56   and for a block with a TTL 57 more  {@link ExpiryTable}
 *                          and up to 144 for what the policy remembers of four blocks that went
 * </pre>
 *
 * A find is two dependent cache misses, the word and the record; those of several finds overlap
 * when {@link #readAhead} knows the keys. Memory grows with the blocks and is used again, not
 * returned, when they leave; the tiers' capacities bound it.
 */
public final class BlockIndex implements AutoCloseable {
  /** One bit each in a {@link BlockView}. */
  static final int MAX_TIERS = Integer.SIZE - 1;

  private static final long NANOS_PER_MILLI = 1_000_000;

  /** More records of any one table than one block that enters can take. */
  private static final int RECORDS_OF_A_CHANGE = 16;

  private final boolean hasQuota;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final RecordMemory memory;
  private final BlockRecords blocks;
  private final TagTable slots;
  private final NamespaceTable namespaces;
  private final Chains chains;
  private final ExpiryTable expiry;
  private final Pins pins;
  private final BlockCensus census;
  private final BlockSettings settings;
  private final List<TierPopulation> tiers = new ArrayList<>();
  private final GhostTable ghosts;
  private final UseTimes useTimes = new UseTimes();

  /** Guarded by the lock, like all but what {@link #find} reads. */
  private long blockCount;

  private volatile boolean closed;

  /** An index in memory of its own, in the system's usual pages. */
  public BlockIndex(
      int tierCount, EvictionPolicy.Factory policies, int ghostCapacity, Clock clock) {
    this(tierCount, policies, ghostCapacity, clock, RecordMemory.open());
  }

  /** An index whose tiers are all under one kind of policy. */
  public BlockIndex(
      int tierCount,
      EvictionPolicy.Factory policies,
      int ghostCapacity,
      Clock clock,
      RecordMemory memory) {
    this(Collections.nCopies(tierCount, policies), ShareOptions.NONE, ghostCapacity, clock, memory);
  }

  /**
   * @param policies makes each tier's policy; 1 to {@value #MAX_TIERS}
   * @param shareOptions how namespaces share each of them
   * @param ghostCapacity how many departed blocks to remember
   * @param memory for the records; taken over
   */
  public BlockIndex(
      List<EvictionPolicy.Factory> policies,
      ShareOptions shareOptions,
      int ghostCapacity,
      Clock clock,
      RecordMemory memory) {
    int tierCount = policies.size();
    if (tierCount < 1 || tierCount > MAX_TIERS) {
      throw new IllegalArgumentException("tierCount=" + tierCount + ", must be 1 to " + MAX_TIERS);
    }
    this.hasQuota = shareOptions.quotaBytes() < Long.MAX_VALUE;
    this.clock = clock;
    this.memory = memory;
    this.ghosts = new GhostTable(ghostCapacity, clock.nanoTime());
    this.blocks = new BlockRecords(memory, tierCount);
    this.slots = new TagTable(memory);
    this.namespaces = new NamespaceTable(memory, tierCount);
    this.chains = new Chains(blocks, namespaces, memory);
    this.expiry = new ExpiryTable(memory);
    for (int tier = 0; tier < tierCount; tier++) {
      Shares shares = new Shares(namespaces, tier, shareOptions);
      tiers.add(new TierPopulation(tier, blocks, policies.get(tier).apply(memory), shares, memory));
    }
    TierPopulation dram = tiers.getFirst();
    this.pins = new Pins(dram, blocks, slot -> held(slot, dram));
    this.census = new BlockCensus(lock, blocks, chains, namespaces, tiers, expiry, this::slotOf);
    this.settings =
        new BlockSettings(
            lock,
            blocks,
            namespaces,
            tiers,
            expiry,
            pins,
            clock,
            () -> memory.reserve(RECORDS_OF_A_CHANGE),
            this::slotOf,
            this::held);
  }

  /**
   * Looks a block up, expired or not.
   *
   * @param view filled when the block is found, arbitrary otherwise
   * @return false when no tier has it, or the index is closed
   */
  public boolean find(BlockKey key, BlockView view) {
    if (closed) {
      return false;
    }
    int tag = tag(key.w0());
    boolean found;
    int version;
    do {
      version = slots.version(tag);
      int slot = slotOf(key);
      found = slot != Records.NONE && look(slot, view);
    } while (!slots.unchanged(tag, version));
    view.key0 = key.w0();
    return found;
  }

  /**
   * Reads what looking these keys up takes, so that the waits for memory overlap instead of
   * following each other: first all words, then all records. To be called once a window is full,
   * before {@link #find(KeyWindow, int, BlockView)}.
   */
  public void readAhead(KeyWindow window) {
    if (closed) {
      return;
    }
    for (int i = 0; i < window.size(); i++) {
      int tag = tag(window.key(i).w0());
      window.versions[i] = slots.version(tag);
      window.read[i] = slots.peek(tag);
    }
    for (int i = 0; i < window.size(); i++) {
      window.slots[i] = TagTable.id(slots.first(tag(window.key(i).w0())));
    }
    for (int i = 0; i < window.size(); i++) {
      window.read[i] ^= blocks.peek(window.slots[i]);
    }
  }

  /**
   * {@link #find(BlockKey, BlockView)} for a key of a window that was read ahead, now or before.
   */
  public boolean find(KeyWindow window, int place, BlockView view) {
    BlockKey key = window.key(place);
    int slot = window.slots[place];
    if (!closed && slot != Records.NONE && blocks.hasKey(slot, key)) {
      boolean found = look(slot, view);
      if (slots.unchanged(tag(key.w0()), window.versions[place])) {
        view.key0 = key.w0();
        return found;
      }
    }
    // Closed, not there then, another key with the same tag, or one of its stripe left meanwhile.
    return find(key, view);
  }

  /** True when the tier has the block. */
  boolean inTier(BlockKey key, int tier) {
    BlockView view = new BlockView();
    return find(key, view) && view.inTier(tier);
  }

  /**
   * Notes that a tier holds a block.
   *
   * @param held true to keep it from eviction in that tier until {@link #unhold}
   * @return false when the tier was known to hold it already: nothing changed
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  public boolean enter(BlockHeader header, int tier, boolean held) {
    TierPopulation population = tiers.get(tier);
    lock.lock();
    try {
      int slot = slotOf(header.key());
      boolean known = slot != Records.NONE;
      if (known && population.has(slot)) {
        return false;
      }
      memory.reserve(RECORDS_OF_A_CHANGE);
      if (!known) {
        slot = create(header);
      }
      place(slot, population, header.key(), header.bodyLength(), held);
      if (!known || tier == HotMemory.TIER) {
        // What moves down by itself is no use.
        namespaces.used(blocks.namespace(slot), clock.nanoTime());
      }
      if (!known) {
        // Last, so that whoever finds the block finds all of it.
        slots.add(tag(header.key().w0()), slot);
        blockCount++;
        useTimes.used(header.key().w0(), clock.nanoTime());
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** {@link #enter} for what can do without: false when the system refuses memory for it. */
  boolean note(BlockHeader header, int tier) {
    try {
      enter(header, tier, false);
      return true;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }

  /** The depth a block has whose parent bears this label: 0 without such a parent. */
  int depthUnder(Fingerprint namespace, long parentLabel) {
    if (parentLabel == 0) {
      return 0;
    }
    lock.lock();
    try {
      return chains.depthUnder(namespace, parentLabel);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes one lookup and marks what it found as used, deepest first, in every tier that holds it;
   * blocks that have left since they were found are passed over.
   *
   * @param size how many of the prefix; may be 0
   */
  public void touch(Prefix prefix, int size) {
    long now = clock.nanoTime();
    lock.lock();
    try {
      for (TierPopulation tier : tiers) {
        tier.policy.requested();
      }
      for (int i = size - 1; i >= 0; i--) {
        int slot = prefix.slot(i);
        if (blocks.is(slot, BlockRecordDescriptor.BLOCK) && blocks.key0(slot) == prefix.key0(i)) {
          blocks.countUse(slot);
          if (blocks.is(slot, BlockRecordDescriptor.TTL_BY_USE)) {
            expiry.used(slot, now);
          }
          useTimes.used(prefix.key0(i), now);
          namespaces.used(blocks.namespace(slot), now);
          for (TierPopulation tier : tiers) {
            tier.touch(slot);
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether a tier that is a log should write a block again that is in the way; see {@link
   * io.kveik.server.cache.eviction.LogRetention}.
   *
   * @param above a tier from which the block comes down again, so that it may go while it is there;
   *     the tier itself for none
   * @return false when the tier does not have it
   */
  boolean keep(BlockKey key, int tier, int above) {
    TierPopulation population = tiers.get(tier);
    lock.lock();
    try {
      int slot = slotOf(key);
      return slot != Records.NONE
          && population.has(slot)
          && (above == tier || !tiers.get(above).has(slot))
          && population.keep(slot);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the hold that {@link #enter} was asked for; no effect when the block has left the tier.
   */
  void unhold(BlockKey key, int tier) {
    TierPopulation population = tiers.get(tier);
    lock.lock();
    try {
      int slot = slotOf(key);
      if (slot != Records.NONE && population.has(slot) && population.pinned(slot)) {
        population.setPinned(slot, false);
        if (!held(slot, population)) {
          population.release(slot);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the least valuable block out of a tier; when that was its last tier, out of the index.
   *
   * @return its name, for the caller to free its bytes; null when everything in the tier is held
   */
  public @Nullable BlockRef evict(int tier) {
    TierPopulation population = tiers.get(tier);
    lock.lock();
    try {
      int slot = population.victim(clock.nanoTime());
      return slot == Records.NONE ? null : withdraw(slot, population, Departure.EVICTED);
    } finally {
      lock.unlock();
    }
  }

  /** Whether namespaces have a quota at all. */
  boolean hasQuota() {
    return hasQuota;
  }

  /** Whether a namespace holds more in the tier than its quota. */
  boolean overQuota(Fingerprint namespace, int tier) {
    TierPopulation population = tiers.get(tier);
    lock.lock();
    try {
      int id = namespaces.idOf(namespace);
      return id != Records.NONE && population.shares.overQuota(id);
    } finally {
      lock.unlock();
    }
  }

  /** {@link #evict} among the blocks of one namespace; null also when none was found in time. */
  @Nullable BlockRef evictOf(Fingerprint namespace, int tier) {
    TierPopulation population = tiers.get(tier);
    lock.lock();
    try {
      int id = namespaces.idOf(namespace);
      int slot = id == Records.NONE ? Records.NONE : population.victimOf(id);
      return slot == Records.NONE ? null : withdraw(slot, population, Departure.EVICTED);
    } finally {
      lock.unlock();
    }
  }

  /** Payload and attributes of a namespace's blocks in a tier. */
  long bytesIn(int tier, Fingerprint namespace) {
    TierPopulation population = tiers.get(tier);
    lock.lock();
    try {
      int id = namespaces.idOf(namespace);
      return id == Records.NONE ? 0 : population.shares.bytesOf(id);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves the least valuable block of a tier to another, which lacks it; nobody can miss it in
   * between, and its parent is a leaf from now on.
   *
   * @return its name; null when everything in the tier is held
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  @Nullable BlockRef evictTo(int from, int to) {
    TierPopulation source = tiers.get(from);
    lock.lock();
    try {
      return move(source.victim(clock.nanoTime()), source, tiers.get(to));
    } finally {
      lock.unlock();
    }
  }

  /** {@link #evictTo} among the blocks of one namespace; null also when none was found in time. */
  @Nullable BlockRef evictOfTo(Fingerprint namespace, int from, int to) {
    TierPopulation source = tiers.get(from);
    lock.lock();
    try {
      int id = namespaces.idOf(namespace);
      return id == Records.NONE ? null : move(source.victimOf(id), source, tiers.get(to));
    } finally {
      lock.unlock();
    }
  }

  private @Nullable BlockRef move(int slot, TierPopulation from, TierPopulation to) {
    if (slot == Records.NONE) {
      return null;
    }
    memory.reserve(RECORDS_OF_A_CHANGE);
    place(slot, to, from.key(slot), from.bodyLength(slot), false);
    return withdraw(slot, from, Departure.EVICTED);
  }

  /** Moves a block back that {@link #evictTo} moved. False when it is no longer there. */
  boolean moveBack(BlockHeader header, int from, int to) {
    lock.lock();
    try {
      int slot = slotOf(header.key());
      if (slot == Records.NONE || !tiers.get(from).has(slot)) {
        return false;
      }
      enter(header, to, false);
      withdraw(slot, tiers.get(from), Departure.EVICTED);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** {@link #leave} for a block that may be moving between two tiers: it is in neither then. */
  boolean leaveBoth(BlockKey key, int one, int other, Departure reason) {
    lock.lock();
    try {
      boolean wasInOne = leave(key, one, reason);
      return leave(key, other, reason) || wasInOne;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a block out of one tier. False when it was not there. */
  boolean leave(BlockKey key, int tier, Departure reason) {
    TierPopulation population = tiers.get(tier);
    lock.lock();
    try {
      int slot = slotOf(key);
      if (slot == Records.NONE || !population.has(slot)) {
        return false;
      }
      withdraw(slot, population, reason);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The block before this one in its chain; null when that is in no tier, or there is none. */
  @Nullable BlockKey parentOf(BlockKey key) {
    lock.lock();
    try {
      int slot = slotOf(key);
      int parent = slot == Records.NONE ? Records.NONE : blocks.parent(slot);
      int bearer = parent == Records.NONE ? Records.NONE : chains.firstBearer(parent);
      return bearer == Records.NONE ? null : refOf(bearer).key();
    } finally {
      lock.unlock();
    }
  }

  /** Remembers a block that never got in. */
  void rememberDropped(BlockKey key) {
    lock.lock();
    try {
      ghosts.remember(key, Departure.DROPPED, 0, clock.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  /** Blocks whose time is up, at most {@code limit}; they are still in the index. */
  List<BlockRef> expired(int limit) {
    List<BlockRef> over = new ArrayList<>();
    lock.lock();
    try {
      if (!closed) {
        expiry.expired(clock.nanoTime(), limit, slot -> over.add(refOf(slot)));
      }
    } finally {
      lock.unlock();
    }
    return over;
  }

  Optional<GhostTable.Ghost> ghost(BlockKey key) {
    lock.lock();
    try {
      return ghosts.recall(key, clock.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  public long blocks() {
    return underLock(this, index -> index.blockCount);
  }

  long blocksIn(int tier) {
    return underLock(tiers.get(tier), TierPopulation::blocks);
  }

  long bytesIn(int tier) {
    return underLock(tiers.get(tier), TierPopulation::bytes);
  }

  /** See {@link TierPopulation#evictionAgeMillis}. */
  long evictionAgeMillis(int tier) {
    return underLock(tiers.get(tier), TierPopulation::evictionAgeMillis);
  }

  /** Off-heap bytes that were ever in use: what the index keeps resident. */
  public long usedBytes() {
    return underLock(memory, RecordMemory::usedBytes);
  }

  BlockCensus census() {
    return census;
  }

  BlockSettings settings() {
    return settings;
  }

  NamespaceTable.Usage usageOf(Fingerprint namespace) {
    lock.lock();
    try {
      return namespaces.usageOf(namespace);
    } finally {
      lock.unlock();
    }
  }

  int namespaces() {
    lock.lock();
    try {
      return namespaces.count();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the memory back. From now on nothing is found; changes are bugs and throw {@link
   * IllegalStateException}, as may a {@link #find} that this overtakes.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        memory.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** For tests: true when a block in the tier has a parent there that is not held. */
  boolean anyParentEvictable(int tier) {
    TierPopulation population = tiers.get(tier);
    lock.lock();
    try {
      for (int slot = 1; slot <= blocks.highest(); slot++) {
        if (blocks.is(slot, BlockRecordDescriptor.BLOCK)
            && population.has(slot)
            && blocks.parent(slot) != Records.NONE
            && anyBearerFree(blocks.parent(slot), population)) {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean anyBearerFree(int node, TierPopulation tier) {
    for (int slot = chains.firstBearer(node); slot != Records.NONE; ) {
      if (tier.has(slot) && !held(slot, tier)) {
        return true;
      }
      slot = chains.nextBearer(slot);
    }
    return false;
  }

  private <T> long underLock(T part, ToLongFunction<T> figure) {
    lock.lock();
    try {
      return figure.applyAsLong(part);
    } finally {
      lock.unlock();
    }
  }

  /** Good under the lock, or between two equal versions of the key's tag. */
  private int slotOf(BlockKey key) {
    int tag = tag(key.w0());
    for (long hit = slots.first(tag); hit != TagTable.NONE; hit = slots.next(hit, tag)) {
      if (blocks.hasKey(TagTable.id(hit), key)) {
        return TagTable.id(hit);
      }
    }
    return Records.NONE;
  }

  /** False for a block that is just leaving its last tier. */
  private boolean look(int slot, BlockView view) {
    int namespace = blocks.read(slot, view);
    namespaces.read(namespace, view);
    if (view.expiresAtNanos != BlockView.NEVER) {
      view.expiresAtNanos = expiry.expiresAt(slot);
    }
    return view.tiers != 0;
  }

  private int create(BlockHeader header) {
    int slot = chains.enter(header);
    blocks.setKey(slot, header.key().w0(), header.key().w1());
    blocks.setPriority(slot, header.priority());
    namespaces.charge(blocks.namespace(slot), 1, header.bodyLength());
    if (header.expiresAtMillis() != BlockHeader.NEVER_EXPIRES) {
      long leftMillis = header.expiresAtMillis() - clock.wallMillis();
      expiry.add(slot, clock.nanoTime() + leftMillis * NANOS_PER_MILLI);
      blocks.set(slot, BlockRecordDescriptor.TTL);
    }
    return slot;
  }

  private void place(int slot, TierPopulation tier, BlockKey key, long bodyLength, boolean pinned) {
    tier.enter(slot, key, bodyLength);
    tier.setPinned(slot, pinned);
    if (held(slot, tier)) {
      tier.hold(slot);
    }
    int parent = blocks.parent(slot);
    if (parent != Records.NONE && tier.childEntered(parent) == 1) {
      for (int above = chains.firstBearer(parent); above != Records.NONE; ) {
        if (tier.has(above) && !tier.pinned(above)) {
          tier.hold(above);
        }
        above = chains.nextBearer(above);
      }
    }
  }

  private BlockRef withdraw(int slot, TierPopulation tier, Departure reason) {
    BlockRef ref = new BlockRef(namespaces.fingerprint(blocks.namespace(slot)), tier.key(slot));
    long bodyLength = tier.bodyLength(slot);
    if (tier.kept(slot)) {
      pins.forget(slot);
    }
    if (reason == Departure.EVICTED) {
      tier.evictedAfter(useTimes.lastUse(ref.key().w0()), clock.nanoTime());
    }
    tier.leave(slot, reason == Departure.EVICTED);
    int parent = blocks.parent(slot);
    if (parent != Records.NONE && tier.childLeft(parent) == 0) {
      for (int above = chains.firstBearer(parent); above != Records.NONE; ) {
        if (tier.has(above) && !tier.pinned(above)) {
          tier.release(above);
        }
        above = chains.nextBearer(above);
      }
    }
    if (blocks.tiersOf(slot) == 0) {
      forget(slot, ref.key(), bodyLength, reason);
    }
    return ref;
  }

  private void forget(int slot, BlockKey key, long bodyLength, Departure reason) {
    // First, so that no reader is left that could take what follows for the block.
    slots.remove(tag(key.w0()), slot);
    blockCount--;
    ghosts.remember(key, reason, blocks.uses(slot), clock.nanoTime());
    useTimes.forget(key.w0());
    if (blocks.is(slot, BlockRecordDescriptor.TTL)) {
      expiry.remove(slot);
    }
    namespaces.charge(blocks.namespace(slot), -1, -bodyLength);
    chains.leave(slot);
  }

  private boolean held(int slot, TierPopulation tier) {
    int node = chains.nodeOf(slot);
    return tier.pinned(slot) || (node != Records.NONE && tier.children(node) > 0);
  }

  private BlockRef refOf(int slot) {
    for (TierPopulation tier : tiers) {
      if (tier.has(slot)) {
        return new BlockRef(namespaces.fingerprint(blocks.namespace(slot)), tier.key(slot));
      }
    }
    throw new IllegalStateException("slot " + slot + " is in no tier");
  }

  private static int tag(long key0) {
    return (int) (key0 >>> Integer.SIZE);
  }
}
