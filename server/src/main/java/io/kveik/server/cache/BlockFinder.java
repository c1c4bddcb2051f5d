package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.Records;
import java.lang.ref.Reference;

/**
 * Looks blocks up in the index: takes no lock, never waits, allocates nothing. Any thread.
 *
 * <p>A find is two dependent cache misses, the word of the key's tag and the block record; those of
 * several finds overlap when {@link #readAhead} knows the keys. What is read is good when the tag's
 * version in the {@link TagTable} did not change meanwhile, and is read again otherwise (a sequence
 * lock, striped by tag).
 */
public final class BlockFinder {
  private final BlockRecords blocks;
  private final TagTable slots;
  private final NamespaceTable namespaces;
  private final ExpiryTable expiry;
  private volatile boolean closed;

  BlockFinder(IndexTables tables) {
    this.blocks = tables.blocks;
    this.slots = tables.slots;
    this.namespaces = tables.namespaces;
    this.expiry = tables.expiry;
  }

  /**
   * Looks a block up, expired or not.
   *
   * @param view filled when the block is found, arbitrary otherwise
   * @return false when no tier has it, or the index is closed
   */
  public boolean find(BlockKey key, BlockView view) {
    try {
      int tag = tag(key.w0());
      boolean found;
      int version;
      do {
        if (closed) {
          return false;
        }
        version = slots.version(tag);
        int slot = slotOf(key);
        found = slot != Records.NONE && look(slot, blocks.address(slot), view);
      } while (!slots.unchanged(tag, version));
      view.key0 = key.w0();
      return found;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Reads what looking these keys up takes, so that the waits for memory overlap instead of
   * following each other: first all words, then all records. To be called once a window is full,
   * before {@link #find(KeyWindow, int, BlockView)}.
   */
  public void readAhead(KeyWindow window) {
    try {
      if (!closed) {
        slots.first(window.probes);
        window.peeked = blocks.peek(window.probes.ids, window.size(), window.addresses);
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * {@link #find(BlockKey, BlockView)} for a key of a window that was read ahead, now or before.
   */
  public boolean find(KeyWindow window, int place, BlockView view) {
    try {
      BlockKey key = window.key(place);
      int slot = window.probes.ids[place];
      long address = window.addresses[place];
      if (!closed && slot != Records.NONE && blocks.hasKey(address, key)) {
        boolean found = look(slot, address, view);
        if (slots.unchanged(tag(key.w0()), window.probes.versions[place])) {
          view.key0 = key.w0();
          return found;
        }
      }
      // Closed, not there then, another key with the same tag, or one of its stripe left meanwhile.
      return find(key, view);
    } finally {
      // Reads by address: the memory stays mapped while someone has the finder, and so its tables.
      Reference.reachabilityFence(this);
    }
  }

  /** True when the tier has the block. */
  boolean inTier(BlockKey key, int tier) {
    BlockView view = new BlockView();
    return find(key, view) && view.inTier(tier);
  }

  /**
   * A block's slot, {@link Records#NONE} without one. Good under the index lock, or between two
   * equal versions of the key's tag.
   */
  int slotOf(BlockKey key) {
    int tag = tag(key.w0());
    for (long hit = slots.first(tag); hit != TagTable.NONE; hit = slots.next(hit, tag)) {
      int slot = TagTable.id(hit);
      if (blocks.hasKey(blocks.address(slot), key)) {
        return slot;
      }
    }
    return Records.NONE;
  }

  /** The tag by which a block is found, of the first word of its key. */
  static int tag(long key0) {
    return (int) (key0 >>> Integer.SIZE);
  }

  boolean closed() {
    return closed;
  }

  /** From now on nothing is found, also by finds that are under way. */
  void close() {
    closed = true;
    slots.retireAll();
  }

  /** False for a block that is just leaving its last tier. */
  private boolean look(int slot, long address, BlockView view) {
    int namespace = blocks.read(address, view);
    view.slot = slot;
    namespaces.read(namespace, view);
    if (view.expiresAtNanos != BlockView.NEVER) {
      view.expiresAtNanos = expiry.expiresAt(slot);
    }
    return view.tiers != 0;
  }
}
