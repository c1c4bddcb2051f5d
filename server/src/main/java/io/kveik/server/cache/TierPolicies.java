package io.kveik.server.cache;

import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.eviction.BlockTraits;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.NoEviction;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.RecordMemory;
import org.jspecify.annotations.Nullable;

/**
 * The eviction policies of one tier: its own, and one of each other kind that some namespace was
 * given. Each orders a group of blocks, those of all namespaces that have that kind.
 *
 * <p>Several share the tier by age: each names its next victim, and the one that has been unused
 * for longest goes, of equals that of the first group. Policies have no common measure of worth,
 * but a time of last use means the same to all. So groups have no sizes of their own, room goes to
 * whoever still uses it, and two groups under LRU evict exactly what one would. The rule is that of
 * the slab rebalancer in Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, applied to
 * each eviction.
 *
 * <p>With the tier's own policy alone it is called directly. Each other takes as many bytes as it
 * needs for any block of the tier, from the first namespace that is given it until the end.
 * O(kinds) beside what the policies take. Owner thread: whoever holds the index lock.
 */
final class TierPolicies {
  /** The group of the tier's own policy. */
  static final int OWN = 0;

  private final RecordMemory memory;
  private final ResidentRecords residents;
  private final EvictionPolicy own;
  private final int ownCode;

  /** By group, which is the code of its kind; null where no namespace was given that kind. */
  private final @Nullable EvictionPolicy[] groups = new EvictionPolicy[1 + PolicyKind.MAX_CODE];

  private boolean several;

  /** Counts lookups and blocks that came. */
  private int now;

  /**
   * @param factory makes the tier's own
   * @param memory for the records of all
   */
  TierPolicies(EvictionPolicy.Factory factory, ResidentRecords residents, RecordMemory memory) {
    this.memory = memory;
    this.residents = residents;
    this.own = factory.apply(memory);
    this.ownCode = factory.kind().map(PolicyKind::code).orElse(OWN);
    groups[OWN] = own;
  }

  EvictionPolicy own() {
    return own;
  }

  /**
   * The group of blocks whose namespace has this kind of policy: the tier's own also in a tier that
   * nobody asks for a victim.
   *
   * @param code of the kind; 0: none of its own
   */
  int groupOf(int code) {
    return code == ownCode || own instanceof NoEviction ? OWN : code;
  }

  /**
   * Has a policy of that kind from now on, unless there is one.
   *
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  void open(PolicyKind kind) {
    int group = groupOf(kind.code());
    if (groups[group] == null) {
      EvictionPolicy policy = kind.apply(memory);
      policy.prepare(residents.highest());
      groups[group] = policy;
      several = true;
    }
  }

  /**
   * Makes sure that any block the tier has can change its group.
   *
   * @throws OutOfMemoryError when the system refuses memory for it: nothing changed
   */
  void prepare() {
    if (several) {
      for (int group = OWN + 1; group < groups.length; group++) {
        EvictionPolicy policy = groups[group];
        if (policy != null) {
          policy.prepare(residents.highest());
        }
      }
    }
  }

  void requested() {
    now++;
    own.requested();
    for (int group = OWN + 1; several && group < groups.length; group++) {
      EvictionPolicy policy = groups[group];
      if (policy != null) {
        policy.requested();
      }
    }
  }

  /** A block came into the tier. */
  void inserted(int id, int group, BlockTraits traits) {
    now++;
    residents.setUsed(id, now);
    residents.setGroup(id, group);
    of(id).inserted(id, traits);
  }

  /** Gives a block to another group; it is as old as it was, but to its policy it has just come. */
  void move(int id, int group, BlockTraits traits, boolean held) {
    of(id).removed(id);
    residents.setGroup(id, group);
    EvictionPolicy policy = of(id);
    policy.inserted(id, traits);
    if (held) {
      policy.held(id);
    }
  }

  void touched(int id) {
    if (several) {
      residents.setUsed(id, now);
    }
    of(id).touched(id);
  }

  /** The time, in lookups and blocks that came; wraps around. */
  int now() {
    return now;
  }

  /** Whether the block came (or was spared, or used where groups are several) after a time. */
  boolean cameSince(int id, int time) {
    return residents.age(id, now) < now - time;
  }

  void hinted(int id, TurnEnd end) {
    of(id).hinted(id, end);
  }

  void evicted(int id, long identity) {
    of(id).evicted(id, identity);
  }

  void removed(int id) {
    of(id).removed(id);
  }

  void held(int id) {
    of(id).held(id);
  }

  void released(int id) {
    of(id).released(id);
  }

  /** The block stays this once, as if it had been used now. */
  void spared(int id) {
    residents.setUsed(id, now);
    of(id).spared(id);
  }

  /** True when blocks of the tier may be in more than one group. */
  boolean several() {
    return several;
  }

  /** The next to go of all groups, or {@link EvictionPolicy#NONE}. */
  int victim() {
    if (!several) {
      return own.victim();
    }
    int oldest = EvictionPolicy.NONE;
    for (int group = OWN; group < groups.length; group++) {
      int id = victimIn(group);
      if (id != EvictionPolicy.NONE
          && (oldest == EvictionPolicy.NONE
              || residents.age(id, now) > residents.age(oldest, now))) {
        oldest = id;
      }
    }
    return oldest;
  }

  /** The next to go of one group, or {@link EvictionPolicy#NONE}. */
  int victimIn(int group) {
    EvictionPolicy policy = groups[group];
    return policy == null ? EvictionPolicy.NONE : policy.victim();
  }

  private EvictionPolicy of(int id) {
    if (!several) {
      return own;
    }
    EvictionPolicy policy = groups[residents.group(id)];
    if (policy == null) {
      throw new IllegalStateException("block " + id + " is in a group without a policy");
    }
    return policy;
  }
}
