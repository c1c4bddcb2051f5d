package io.kveik.server.tier.fs;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The leaf directories: makes them when first needed, knows which of them survive power loss and
 * from which a name was taken that a power loss would bring back, and has their locks. Any thread;
 * O(1).
 */
final class LeafDirectories {
  private static final int LOCKS = 256;

  private final BlockFiles files;
  private final FsLayout layout;
  private final boolean fsync;
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  /** Leaves that exist, durably, with the names in them. */
  private final BitSet ready = new BitSet(FsLayout.LEAVES);

  /** Leaves from which nothing was taken since they were last synced. */
  private final BitSet settled = new BitSet(FsLayout.LEAVES);

  /** Leaves that were to be settled and could not be. */
  private final BitSet owing = new BitSet(FsLayout.LEAVES);

  LeafDirectories(BlockFiles files, FsLayout layout, boolean fsync) {
    this.files = files;
    this.layout = layout;
    this.fsync = fsync;
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /**
   * Excludes others from changing what the leaf holds. Neighbouring leaves have different locks.
   */
  ReentrantLock lock(int leaf) {
    return locks[leaf % LOCKS];
  }

  /**
   * Makes the leaf exist and, when synced, its way from the root and its entries durable. Under its
   * lock.
   */
  void prepare(int leaf) throws IOException {
    if (is(ready, leaf)) {
      return;
    }
    Path branchPath = layout.branch(leaf);
    files.createDirectory(branchPath);
    boolean created = files.createDirectory(layout.leaf(leaf));
    if (fsync) {
      // That a directory is there proves nothing: an earlier process, or another thread a moment
      // ago, may have made it and not have synced the directory above. Nor are the names in it
      // proven durable, and a put answers AlreadyPresent by them. So the first use by this process
      // syncs.
      files.forceDirectory(layout.blocks());
      files.forceDirectory(branchPath);
      if (!created) {
        force(leaf);
      }
    }
    set(ready, leaf, true);
  }

  /** Makes the leaf's entries durable as they are, if that is asked for. Under its lock. */
  void force(int leaf) throws IOException {
    if (fsync) {
      files.forceDirectory(layout.leaf(leaf));
      set(settled, leaf, true);
      set(owing, leaf, false);
    }
  }

  /** Prepares the leaf again at its next use: what happened says that it may be gone. */
  void forget(int leaf) {
    set(ready, leaf, false);
  }

  /** Before a name is taken from the leaf. Under its lock. */
  void taken(int leaf) {
    set(settled, leaf, false);
  }

  /**
   * Makes what was taken from the leaf stay away, if that is asked for, whoever took it: what an
   * earlier process did not sync is not known, so the first call syncs.
   */
  void settle(int leaf) throws IOException {
    if (!fsync) {
      return;
    }
    ReentrantLock lock = lock(leaf);
    lock.lock();
    try {
      if (!is(settled, leaf)) {
        set(owing, leaf, true);
        force(leaf);
      }
    } catch (NoSuchFileException e) {
      // Nothing is in a leaf that there is not.
      set(owing, leaf, false);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Settles the leaf where an earlier try failed, before anybody takes the absence of a name there
   * for good.
   *
   * @throws IOException when it fails again
   */
  void settleOwed(int leaf) throws IOException {
    if (is(owing, leaf)) {
      settle(leaf);
    }
  }

  private static boolean is(BitSet leaves, int leaf) {
    synchronized (leaves) {
      return leaves.get(leaf);
    }
  }

  private static void set(BitSet leaves, int leaf, boolean value) {
    synchronized (leaves) {
      leaves.set(leaf, value);
    }
  }
}
