package io.kveik.server.tier.fs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The leaf directories: makes them when first needed, knows which of them survive power loss, and
 * has their locks. Any thread; O(1).
 */
final class LeafDirectories {
  private static final int LOCKS = 256;

  private final BlockFiles files;
  private final FsLayout layout;
  private final boolean fsync;
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];
  private final BitSet ready = new BitSet(FsLayout.LEAVES);

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

  /** Makes the leaf exist and, when synced, its way from the root and its entries durable. */
  void prepare(int leaf) throws IOException {
    synchronized (ready) {
      if (ready.get(leaf)) {
        return;
      }
    }
    Path branchPath = layout.branch(leaf);
    Path leafPath = layout.leaf(leaf);
    files.createDirectory(branchPath);
    boolean created = files.createDirectory(leafPath);
    if (fsync) {
      // That a directory is there proves nothing: an earlier process, or another thread a moment
      // ago,
      // may have made it and not have synced the directory above. Nor are the names in it proven
      // durable, and a put answers AlreadyPresent by them. So the first use by this process syncs.
      files.forceDirectory(layout.blocks());
      files.forceDirectory(branchPath);
      if (!created) {
        files.forceDirectory(leafPath);
      }
    }
    synchronized (ready) {
      ready.set(leaf);
    }
  }

  /** Prepares the leaf again at its next use: what happened says that it may be gone. */
  void forget(int leaf) {
    synchronized (ready) {
      ready.clear(leaf);
    }
  }
}
