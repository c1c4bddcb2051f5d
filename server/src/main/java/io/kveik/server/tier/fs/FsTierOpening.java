package io.kveik.server.tier.fs;

import io.kveik.server.tier.encoded.BodyCodec;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The steps from a directory, left in whatever state by whatever end, to a tier that can be used.
 */
final class FsTierOpening {
  private FsTierOpening() {}

  static FsTier open(FsLayout layout, FsTierOptions options, BlockFiles files) throws IOException {
    createRoot(layout.root(), files);
    Closeable lock = files.lock(layout.lockFile());
    boolean opened = false;
    try {
      files.createDirectory(layout.blocks());
      files.createDirectory(layout.temporaries());
      files.createDirectory(layout.quarantine());
      if (options.fsync()) {
        forceAncestors(layout.root(), files);
        files.forceDirectory(layout.root());
      }
      // Whoever wrote these is dead, or the lock would not be ours.
      files.list(layout.temporaries(), files::delete);
      files.probe(layout.temporaries());
      Quarantine quarantine =
          Quarantine.open(files, layout.quarantine(), options.quarantineLimit());
      // From here on nothing fails.
      BodyCodec codec = BodyCodec.onDemand(options.codec());
      FsStore store = new FsStore(files, layout, options, quarantine, codec);
      // An unreadable directory is no reason not to serve the others: like a block, what can't be
      // read is a miss. The next scan mends the account.
      store
          .walk()
          .walk((leaf, directory) -> {
            store.recount(leaf);
            return true;
          });
      FsTier tier =
          new FsTier(
              store,
              () -> {
                codec.close();
                release(lock);
              });
      opened = true;
      return tier;
    } finally {
      if (!opened) {
        release(lock);
      }
    }
  }

  private static void createRoot(Path root, BlockFiles files) throws IOException {
    try {
      files.createDirectory(root);
    } catch (NoSuchFileException e) {
      Path parent = root.getParent();
      if (parent == null) {
        throw e;
      }
      createRoot(parent, files);
      files.createDirectory(root);
    }
  }

  /**
   * Makes the way to the root durable. All of it at every start: that a directory exists does not
   * say that an earlier start, which died in between, has synced the one above.
   */
  private static void forceAncestors(Path root, BlockFiles files) throws IOException {
    for (Path above = root.getParent(); above != null; above = above.getParent()) {
      try {
        files.forceDirectory(above);
      } catch (AccessDeniedException e) {
        // Whoever may not open it for reading is not the one who made directories in it.
        return;
      }
    }
  }

  private static void release(Closeable lock) {
    try {
      lock.close();
    } catch (IOException e) {
      // Only a close(2) that reports an earlier write's failure gets here; nothing was written, and
      // the descriptor is gone, and the lock with it.
    }
  }
}
