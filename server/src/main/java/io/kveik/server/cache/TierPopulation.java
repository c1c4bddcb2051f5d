package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.eviction.BlockTraits;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.LogRetention;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/**
 * The index's own account of one tier: who is in it, how many bytes, who may go and who goes next.
 * A resident record for each block in the tier, its id also the policy's; a block whose children
 * are in the tier while it is not has one too, with nothing in it but their count.
 *
 * <p>Guarded by the index lock. A block is held while it has children here or is pinned (waits to
 * be written behind); all blocks that bear a label count the children of its node.
 */
final class TierPopulation {
  /** Victims that are passed over at a time for another's: then the next goes after all. */
  static final int MAX_PASSES = 1_024;

  /** What one more evicted block of the sample weighs in the mean age. */
  private static final double AGE_WEIGHT = 1.0 / 64;

  private static final double NANOS_PER_MILLI = 1e6;

  final int tier;
  final TierPolicies policies;
  final Shares shares;
  private final BlockRecords blocks;
  private final NamespaceTable namespaces;
  private final ResidentRecords residents;
  private final BlockTraits traits = new BlockTraits();
  private final int[] passedOver = new int[MAX_PASSES];
  private long blockCount;
  private long byteCount;
  private double evictionAgeMillis = -1;

  TierPopulation(
      int tier,
      BlockRecords blocks,
      NamespaceTable namespaces,
      EvictionPolicy.Factory policy,
      Shares shares,
      RecordMemory memory) {
    this.tier = tier;
    this.shares = shares;
    this.blocks = blocks;
    this.namespaces = namespaces;
    this.residents = new ResidentRecords(memory);
    this.policies = new TierPolicies(policy, residents, memory);
  }

  boolean has(int slot) {
    return blocks.resident(slot, tier) > 0;
  }

  long blocks() {
    return blockCount;
  }

  long bytes() {
    return byteCount;
  }

  /**
   * How long blocks that are evicted here had not been used: a mean in which the latest of the
   * sample weigh most, so that a change shows after some 64 of them; -1 before the first.
   */
  long evictionAgeMillis() {
    return Math.round(evictionAgeMillis);
  }

  /**
   * Notes the age of a block that is evicted.
   *
   * @param lastUseNanos {@link UseTimes#UNKNOWN} for one outside the sample
   */
  void evictedAfter(long lastUseNanos, long nowNanos) {
    if (lastUseNanos == UseTimes.UNKNOWN) {
      return;
    }
    double ageMillis = (nowNanos - lastUseNanos) / NANOS_PER_MILLI;
    evictionAgeMillis =
        evictionAgeMillis < 0
            ? ageMillis
            : evictionAgeMillis + (ageMillis - evictionAgeMillis) * AGE_WEIGHT;
  }

  /** Puts a block in that isn't here; free, however many children it has. */
  void enter(int slot, BlockKey key, long bodyLength) {
    int id = Math.abs(blocks.resident(slot, tier));
    if (id == Records.NONE) {
      id = residents.allocate(slot);
    }
    residents.enter(id, key, bodyLength);
    blocks.setResident(slot, tier, id);
    blockCount++;
    byteCount += bodyLength;
    shares.entered(blocks.namespace(slot), bodyLength);
    policies.inserted(id, groupFor(slot), traitsOf(slot, bodyLength));
  }

  /** Tells the policy of its namespace of a block that is here as if it had just come in. */
  void enterPolicyAnew(int slot, boolean held) {
    int id = blocks.resident(slot, tier);
    policies.move(id, groupFor(slot), traitsOf(slot, bodyLength(slot)), held);
  }

  /** True for a block that is here and not with the policy that its namespace has now. */
  boolean outsideItsGroup(int slot) {
    return has(slot) && residents.group(blocks.resident(slot, tier)) != groupFor(slot);
  }

  private int groupFor(int slot) {
    return policies.groupOf(namespaces.policyCode(blocks.namespace(slot)));
  }

  private BlockTraits traitsOf(int slot, long bodyLength) {
    traits.identity = blocks.key0(slot);
    traits.priority = blocks.priority(slot);
    traits.depth = Rank.depth(blocks.rank(slot));
    traits.bodyBytes = bodyLength;
    return traits;
  }

  /**
   * Takes a block out that is here; the count of its children stays.
   *
   * @param evicted true when it goes to make room
   */
  void leave(int slot, boolean evicted) {
    int id = blocks.resident(slot, tier);
    if (evicted) {
      policies.evicted(id, blocks.key0(slot));
    } else {
      policies.removed(id);
    }
    blockCount--;
    byteCount -= bodyLength(slot);
    shares.left(blocks.namespace(slot), bodyLength(slot));
    blocks.setResident(slot, tier, -id);
    dropIfEmpty(slot);
  }

  void touch(int slot) {
    int id = blocks.resident(slot, tier);
    if (id > 0) {
      policies.touched(id);
    }
  }

  void hint(int slot, TurnEnd end) {
    int id = blocks.resident(slot, tier);
    if (id > 0) {
      policies.hinted(id, end);
    }
  }

  /** See {@link TierPolicies#now}. */
  int now() {
    return policies.now();
  }

  /** See {@link TierPolicies#cameSince}, for a block that is here. */
  boolean cameSince(int slot, int time) {
    return policies.cameSince(blocks.resident(slot, tier), time);
  }

  /**
   * Tells the policy of a block that came and went at once.
   *
   * @param namespace its own, which has blocks
   */
  void passBy(int namespace, WriteCommand block, int depth) {
    traits.identity = block.key().w0();
    traits.priority = block.priority();
    traits.depth = depth;
    traits.bodyBytes = block.bodyLength();
    int id = residents.allocate(Records.NONE);
    policies.inserted(id, policies.groupOf(namespaces.policyCode(namespace)), traits);
    policies.evicted(id, traits.identity);
    residents.free(id);
  }

  /** {@link LogRetention#keep} for a block that is here; false where that is not the policy. */
  boolean keep(int slot) {
    return policies.own() instanceof LogRetention log && log.keep(blocks.resident(slot, tier));
  }

  /**
   * The slot of the block that goes next: the choice of {@link TierPolicies}, unless that is spared
   * for its namespace's share. As with CLOCK a block that is spared is as if used now; {@value
   * #MAX_PASSES} of them at most in one call, and then the next goes after all.
   *
   * @return {@link Records#NONE} when none may go
   */
  int victim(long nowNanos) {
    return firstVictim(
        policies::victim, slot -> !shares.protects(blocks.namespace(slot), nowNanos));
  }

  /** The same without one that may go and is here; to the policy nothing has happened to it. */
  int victimBut(int slot, long nowNanos) {
    hold(slot);
    int victim = victim(nowNanos);
    release(slot);
    return victim;
  }

  /**
   * The slot of the block of one namespace that goes next: the first that its policy comes to, or
   * any, while blocks of it are still with another.
   *
   * @return {@link Records#NONE} when none may go, or none was among the next {@value #MAX_PASSES}
   */
  int victimOf(int namespace) {
    IntPredicate itsOwn = slot -> blocks.namespace(slot) == namespace;
    int group = policies.groupOf(namespaces.policyCode(namespace));
    int slot = firstVictim(() -> policies.victimIn(group), itsOwn);
    if (policies.several() && (slot == Records.NONE || !itsOwn.test(slot))) {
      slot = firstVictim(policies::victim, itsOwn);
    }
    return slot != Records.NONE && itsOwn.test(slot) ? slot : Records.NONE;
  }

  /**
   * The first that fits of those that a policy comes to; the one after {@value #MAX_PASSES} that
   * don't, whatever it is.
   */
  private int firstVictim(IntSupplier next, IntPredicate fits) {
    int id = next.getAsInt();
    int passes = 0;
    while (id != EvictionPolicy.NONE && passes < MAX_PASSES && !fits.test(residents.slot(id))) {
      policies.spared(id);
      // To some policies it is still the least valuable: held, it does not come up again at once.
      policies.held(id);
      passedOver[passes++] = id;
      id = next.getAsInt();
    }
    for (int i = 0; i < passes; i++) {
      policies.released(passedOver[i]);
    }
    // None fits: nothing may wedge, so one that does not.
    int found = id == EvictionPolicy.NONE && passes > 0 ? next.getAsInt() : id;
    return found == EvictionPolicy.NONE ? Records.NONE : residents.slot(found);
  }

  BlockKey key(int slot) {
    int id = blocks.resident(slot, tier);
    return new BlockKey(
        blocks.key0(slot), blocks.key1(slot), residents.key2(id), residents.key3(id));
  }

  long bodyLength(int slot) {
    return residents.bodyLength(blocks.resident(slot, tier));
  }

  /** True while the block waits to be written behind or is kept: it is held for its own sake. */
  boolean pinned(int slot) {
    int id = blocks.resident(slot, tier);
    return residents.is(id, BlockRecordDescriptor.PINNED | BlockRecordDescriptor.KEPT);
  }

  boolean kept(int slot) {
    return residents.is(blocks.resident(slot, tier), BlockRecordDescriptor.KEPT);
  }

  void setKept(int slot, boolean kept) {
    residents.set(blocks.resident(slot, tier), BlockRecordDescriptor.KEPT, kept);
  }

  void setPinned(int slot, boolean pinned) {
    residents.set(blocks.resident(slot, tier), BlockRecordDescriptor.PINNED, pinned);
  }

  /** Blocks in this tier that follow the node. */
  int children(int node) {
    int id = Math.abs(blocks.resident(node, tier));
    return id == Records.NONE ? 0 : residents.children(id);
  }

  /** Counts a child of a node; returns how many there are now. */
  int childEntered(int node) {
    int id = Math.abs(blocks.resident(node, tier));
    if (id == Records.NONE) {
      id = residents.allocate(node);
      blocks.setResident(node, tier, -id);
    }
    return setChildren(id, residents.children(id) + 1);
  }

  /** Takes back one {@link #childEntered}; returns how many there are left. */
  int childLeft(int node) {
    int id = Math.abs(blocks.resident(node, tier));
    int left = setChildren(id, residents.children(id) - 1);
    dropIfEmpty(node);
    return left;
  }

  void hold(int slot) {
    policies.held(blocks.resident(slot, tier));
  }

  void release(int slot) {
    policies.released(blocks.resident(slot, tier));
  }

  private int setChildren(int id, int children) {
    if (children < 0) {
      throw new IllegalStateException("tier " + tier + ": children would go below zero");
    }
    residents.setChildren(id, children);
    return children;
  }

  private void dropIfEmpty(int slot) {
    int id = -blocks.resident(slot, tier);
    if (id > 0 && residents.children(id) == 0) {
      blocks.setResident(slot, tier, Records.NONE);
      residents.free(id);
    }
  }
}
