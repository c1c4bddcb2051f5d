package io.kveik.server.tier.fs;

import io.kveik.server.block.BlockKey;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes blocks' files away, for now or for good. Any thread; blocks on I/O.
 *
 * <p>A name that is gone from its directory is back after a power loss until the directory has been
 * synced. For a block that made room that does no harm; one that was deleted must not be back. So
 * several are first all taken away, and then each of their directories is synced once, if anything
 * has been taken from it since the last time: with the first of those syncs a journalling file
 * system can write down the removals from all of them.
 */
final class Removals {
  private final BlockFiles files;
  private final FsLayout layout;
  private final LeafDirectories leaves;
  private final FsUsage usage;

  Removals(BlockFiles files, FsLayout layout, LeafDirectories leaves, FsUsage usage) {
    this.files = files;
    this.layout = layout;
    this.leaves = leaves;
    this.usage = usage;
  }

  /** Takes a file away if there is one. It may be back after a power loss, and after no other. */
  void evict(BlockKey key) throws IOException {
    int leaf = FsLayout.leafOf(key);
    Path file = layout.file(key);
    ReentrantLock lock = leaves.lock(leaf);
    lock.lock();
    try {
      long length = files.size(file);
      leaves.taken(leaf);
      if (files.delete(file)) {
        usage.removed(leaf, FsBlockDescriptor.diskBytes(length));
      }
    } catch (NoSuchFileException e) {
      // Gone already, which is what was wanted.
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes files away for good, those too that are gone already and might come back.
   *
   * @return those that may still be there, or be back after a power loss
   */
  Set<BlockKey> remove(Collection<BlockKey> keys) {
    Set<BlockKey> left = new HashSet<>();
    for (BlockKey key : keys) {
      try {
        evict(key);
      } catch (IOException e) {
        left.add(key);
      }
    }
    for (BlockKey key : keys) {
      try {
        leaves.settle(FsLayout.leafOf(key));
      } catch (IOException e) {
        left.add(key);
      }
    }
    return left;
  }
}
