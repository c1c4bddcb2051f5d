package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.LeafFirstLru;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@link BlockIndex} with {@link LeafFirstLru} should do, in objects and plain searches. */
final class IndexModel {
  private record Place(Fingerprint namespace, long label) {}

  static final class Node {
    int rank;
    final Set<Block> bearers = new HashSet<>();

    /** The bearer whose parent is the node's; null while none is. */
    @Nullable Block first;

    Node(int rank) {
      this.rank = rank;
    }
  }

  static final class Presence {
    long usedAt;
    boolean pinned;
  }

  /** A block and where it is. */
  static final class Block {
    final BlockHeader header;
    final Map<Integer, Presence> tiers = new HashMap<>();
    @Nullable Node node;
    @Nullable Node parent;

    Block(BlockHeader header) {
      this.header = header;
    }

    int tierBits() {
      return tiers.keySet().stream().mapToInt(tier -> 1 << tier).sum();
    }
  }

  private final Map<BlockKey, Block> blocks = new LinkedHashMap<>();
  private final Map<Place, Node> nodes = new HashMap<>();
  private long clock;

  Collection<Block> blocks() {
    return blocks.values();
  }

  @Nullable Block get(BlockKey key) {
    return blocks.get(key);
  }

  int depthUnder(Fingerprint namespace, long parentLabel) {
    Node node = nodes.get(new Place(namespace, parentLabel));
    return parentLabel == 0 || node == null || node.bearers.isEmpty()
        ? 0
        : Rank.depth(node.rank) + 1;
  }

  boolean enter(BlockHeader header, int tier, boolean pinned) {
    Block block = blocks.get(header.key());
    if (block == null) {
      block = new Block(header);
      link(block);
      blocks.put(header.key(), block);
    }
    if (block.tiers.containsKey(tier)) {
      return false;
    }
    Presence presence = new Presence();
    presence.usedAt = ++clock;
    presence.pinned = pinned;
    block.tiers.put(tier, presence);
    return true;
  }

  private void link(Block block) {
    BlockHeader header = block.header;
    Place own = new Place(header.namespace(), header.label());
    Place parent = new Place(header.namespace(), header.parentLabel());
    Node before = nodes.get(parent);
    Node known = nodes.get(own);
    int rank;
    if (header.parentLabel() == 0) {
      rank = 0;
    } else if (before == null) {
      rank = known == null ? Rank.floating(header.depth()) : known.rank;
    } else {
      if (Rank.floats(before.rank)) {
        lower(before, Rank.GROUND, null);
      }
      if (known != null && Rank.floats(known.rank)) {
        lower(before, known.rank - 1, known);
      }
      rank = before.rank + 1;
    }
    if (known != null && known.rank > rank) {
      if (known.bearers.isEmpty()) {
        known.rank = rank;
      } else if (Rank.floats(known.rank)) {
        rank = known.rank;
      }
    }
    int at = rank;
    Node node = nodes.computeIfAbsent(own, _ -> new Node(at));
    if (node.rank == rank && node.bearers.size() < Chains.MAX_BEARERS) {
      block.node = node;
      node.bearers.add(block);
      if (node.first == null) {
        node.first = block;
      }
    }
    if (header.parentLabel() != 0) {
      Node above = nodes.computeIfAbsent(parent, _ -> new Node(at - 1));
      block.parent = above.rank < rank ? above : null;
    }
  }

  private static void lower(Node node, int most, @Nullable Node below) {
    List<Node> path = new ArrayList<>();
    Node at = node;
    while (at != null && at.rank > most - path.size()) {
      boolean shared = at.bearers.size() > 1 || (at.first == null && !at.bearers.isEmpty());
      if (path.size() == RankLowering.MAX_CLIMB || at == below || shared) {
        return;
      }
      path.add(at);
      at = at.first == null ? null : at.first.parent;
    }
    if (at == null && !Rank.floats(most)) {
      return;
    }
    int rank = at == null ? most - path.size() : at.rank;
    for (Node one : path.reversed()) {
      one.rank = ++rank;
    }
  }

  void touch(List<BlockKey> prefix) {
    for (BlockKey key : prefix.reversed()) {
      Objects.requireNonNull(blocks.get(key)).tiers.values().forEach(one -> one.usedAt = ++clock);
    }
  }

  void unhold(BlockKey key, int tier) {
    Block block = blocks.get(key);
    Presence presence = block == null ? null : block.tiers.get(tier);
    if (presence != null) {
      presence.pinned = false;
    }
  }

  @Nullable BlockRef evict(int tier) {
    Set<Node> parents = new HashSet<>();
    for (Block block : blocks.values()) {
      if (block.parent != null && block.tiers.containsKey(tier)) {
        parents.add(block.parent);
      }
    }
    BlockRef victim =
        blocks.values().stream()
            .filter(block -> block.tiers.containsKey(tier))
            .filter(block -> !presence(block, tier).pinned)
            .filter(block -> block.node == null || !parents.contains(block.node))
            .min(Comparator.comparingLong(block -> presence(block, tier).usedAt))
            .map(block -> block.header.ref())
            .orElse(null);
    if (victim != null) {
      leave(victim.key(), tier);
    }
    return victim;
  }

  boolean leave(BlockKey key, int tier) {
    Block block = blocks.get(key);
    if (block == null || block.tiers.remove(tier) == null) {
      return false;
    }
    if (block.tiers.isEmpty()) {
      blocks.remove(key);
      if (block.node != null) {
        block.node.bearers.remove(block);
        if (block.node.first == block) {
          block.node.first = null;
        }
      }
      Set<Node> needed = new HashSet<>();
      blocks.values().forEach(one -> needed.addAll(nodesOf(one)));
      nodes.values().retainAll(needed);
    }
    return true;
  }

  private static List<Node> nodesOf(Block block) {
    List<Node> nodes = new ArrayList<>();
    if (block.node != null) {
      nodes.add(block.node);
    }
    if (block.parent != null) {
      nodes.add(block.parent);
    }
    return nodes;
  }

  private static Presence presence(Block block, int tier) {
    return Objects.requireNonNull(block.tiers.get(tier));
  }
}
