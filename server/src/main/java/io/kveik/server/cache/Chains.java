package io.kveik.server.cache;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.memory.Records;

/**
 * How blocks follow each other: slots of block records joined by namespace and label.
 *
 * <p>A <em>node</em> is a place in a chain: the slot that stands for a label in a namespace, at the
 * {@link Rank} of whoever took the label first. Usually it is the one block that bears the label.
 * When blocks follow a label that none bears (yet, or any more), the slot holds no block but keeps
 * their count, and the next block that bears the label moves into it: which of two blocks comes
 * first doesn't matter. When more blocks bear the label (a v1 client that labels blocks by their
 * own tokens alone), up to {@link #MAX_BEARERS} are bearers beside the node: all of them count as
 * parents, which can only keep a block longer. Further ones, and blocks whose label is taken at
 * another rank, are cached but never parents.
 *
 * <p>Labels are the client's, so they may form a cycle; holds can't, since they only run from a
 * rank to a higher one.
 *
 * <p>O(1) expected, O({@link #MAX_BEARERS}) at worst. Owner thread: whoever holds the index lock.
 */
final class Chains {
  /** More blocks under one label than this are not linked: it bounds what a hold costs. */
  static final int MAX_BEARERS = 64;

  private final BlockRecords blocks;
  private final NamespaceTable namespaces;
  private final LabelTable labels;
  private final RankLowering ranks;

  Chains(BlockRecords blocks, NamespaceTable namespaces, RecordMemory memory) {
    this.blocks = blocks;
    this.namespaces = namespaces;
    this.labels = new LabelTable(blocks, namespaces, memory);
    this.ranks = new RankLowering(blocks, this::hasMoreBearers);
  }

  /** The depth a block has whose parent bears this label: 0 without such a parent. */
  int depthUnder(Fingerprint namespace, long parentLabel) {
    int id = namespaces.idOf(namespace);
    int node = id == Records.NONE ? Records.NONE : node(id, parentLabel);
    if (node == Records.NONE || firstBearer(node) == Records.NONE) {
      return 0;
    }
    return Rank.depth(blocks.rank(node)) + 1;
  }

  /** The node that stands for a label; {@link Records#NONE} without one. */
  int nodeOf(Fingerprint namespace, long label) {
    int id = namespaces.idOf(namespace);
    return id == Records.NONE ? Records.NONE : node(id, label);
  }

  /** A slot for a block that has none, linked to its label and parent; key and uses are unset. */
  int enter(BlockHeader header) {
    int namespace = namespaces.acquire(header.namespace());
    int slot = slotFor(header, namespace, rankFor(header, namespace));
    blocks.set(slot, BlockRecordDescriptor.BLOCK);
    if (header.parentLabel() != 0) {
      blocks.setParent(slot, parentFor(header, namespace, blocks.rank(slot)));
    }
    return slot;
  }

  /** Above the parent's; without one that of the place that its own children keep for it. */
  private int rankFor(BlockHeader header, int namespace) {
    if (header.parentLabel() == 0) {
      return 0;
    }
    int parent = node(namespace, header.parentLabel());
    int node = node(namespace, header.label());
    if (parent == Records.NONE) {
      return node == Records.NONE ? Rank.floating(header.depth()) : blocks.rank(node);
    }
    ranks.ground(parent);
    if (node != Records.NONE && Rank.floats(blocks.rank(node))) {
      // Two parts of a chain meet here that floated apart; if that fails they stay apart.
      boolean _ = ranks.lower(parent, blocks.rank(node) - 1, node);
    }
    return blocks.rank(parent) + 1;
  }

  /** Takes a block that is in no tier out of its slot; frees what nothing refers to any more. */
  void leave(int slot) {
    blocks.clear(slot, BlockRecordDescriptor.OF_BLOCK);
    int parent = blocks.parent(slot);
    if (blocks.is(slot, BlockRecordDescriptor.NODE)) {
      blocks.setParent(slot, Records.NONE);
      blocks.resetUses(slot);
      dropIfUnused(slot);
    } else if (blocks.is(slot, BlockRecordDescriptor.BEARER)) {
      int node = nodeOf(slot);
      labels.unlink(slot);
      release(slot);
      dropIfUnused(node);
    } else {
      release(slot);
    }
    if (parent != Records.NONE) {
      dropIfUnused(parent);
    }
  }

  /** The node a block bears the label of; {@link Records#NONE} when it isn't linked. */
  int nodeOf(int slot) {
    if (blocks.is(slot, BlockRecordDescriptor.NODE)) {
      return slot;
    }
    return blocks.is(slot, BlockRecordDescriptor.BEARER)
        ? node(blocks.namespace(slot), blocks.label(slot))
        : Records.NONE;
  }

  /** The first block that bears a node's label; {@link Records#NONE} when none does. */
  int firstBearer(int node) {
    return bearerFrom(labels.first(blocks.namespace(node), blocks.label(node)));
  }

  int nextBearer(int bearer) {
    return bearerFrom(labels.next(bearer));
  }

  private int bearerFrom(int from) {
    int slot = from;
    while (slot != Records.NONE && !blocks.is(slot, BlockRecordDescriptor.BLOCK)) {
      slot = labels.next(slot);
    }
    return slot;
  }

  private int node(int namespace, long label) {
    int slot = labels.first(namespace, label);
    while (slot != Records.NONE && !blocks.is(slot, BlockRecordDescriptor.NODE)) {
      slot = labels.next(slot);
    }
    return slot;
  }

  /**
   * A slot at that rank, or at the higher one of blocks with its label. Takes over the caller's
   * reference to the namespace.
   */
  private int slotFor(BlockHeader header, int namespace, int rank) {
    int node = node(namespace, header.label());
    if (node == Records.NONE) {
      return newLinked(namespace, header.label(), rank, BlockRecordDescriptor.NODE);
    }
    if (firstBearer(node) == Records.NONE && blocks.rank(node) > rank) {
      blocks.setRank(node, rank);
    }
    int nodeRank = blocks.rank(node);
    if (nodeRank == rank || (nodeRank > rank && Rank.floats(nodeRank))) {
      if (!blocks.is(node, BlockRecordDescriptor.BLOCK)) {
        namespaces.release(namespace);
        return node;
      }
      if (bearers(node) < MAX_BEARERS) {
        return newLinked(namespace, header.label(), nodeRank, BlockRecordDescriptor.BEARER);
      }
    }
    int slot = blocks.allocate();
    blocks.setLabel(slot, namespace, header.label(), rank);
    return slot;
  }

  /** The node of the parent's label, made if need be; none when that is not at a lower rank. */
  private int parentFor(BlockHeader header, int namespace, int rank) {
    int node = node(namespace, header.parentLabel());
    if (node == Records.NONE) {
      namespaces.retain(namespace);
      return newLinked(namespace, header.parentLabel(), rank - 1, BlockRecordDescriptor.NODE);
    }
    return blocks.rank(node) < rank ? node : Records.NONE;
  }

  private int newLinked(int namespace, long label, int rank, int flag) {
    int slot = blocks.allocate();
    blocks.setLabel(slot, namespace, label, rank);
    blocks.set(slot, flag);
    labels.link(slot);
    return slot;
  }

  private int bearers(int node) {
    int count = 0;
    for (int slot = firstBearer(node); slot != Records.NONE; slot = nextBearer(slot)) {
      count++;
    }
    return count;
  }

  private boolean hasMoreBearers(int node) {
    int first = firstBearer(node);
    return first != Records.NONE && (first != node || nextBearer(first) != Records.NONE);
  }

  /** Frees a node without block, bearers and children. */
  private void dropIfUnused(int node) {
    if (blocks.nowhere(node) && firstBearer(node) == Records.NONE) {
      labels.unlink(node);
      release(node);
    }
  }

  private void release(int slot) {
    int namespace = blocks.namespace(slot);
    blocks.free(slot);
    namespaces.release(namespace);
  }
}
