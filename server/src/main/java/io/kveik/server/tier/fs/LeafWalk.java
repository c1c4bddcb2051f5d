package io.kveik.server.tier.fs;

import java.io.IOException;
import java.nio.file.Path;

/** Walks the leaf directories, holding no more than one listing of each level open. */
record LeafWalk(BlockFiles files, FsLayout layout) {
  /** Told each leaf; returns false when it could not see all of it. */
  @FunctionalInterface
  interface LeafVisitor {
    boolean visit(int leaf, Path directory) throws IOException;
  }

  /** Goes past what can't be read. Returns false when there was any. */
  boolean walk(LeafVisitor visitor) {
    return listing(
        layout.blocks(),
        branch ->
            !FsLayout.isBranch(branch) || listing(branch, leaf -> visit(branch, leaf, visitor)));
  }

  private static boolean visit(Path branch, Path directory, LeafVisitor visitor)
      throws IOException {
    int leaf = FsLayout.leafAt(branch, directory);
    return leaf < 0 || visitor.visit(leaf, directory);
  }

  private boolean listing(Path directory, EntryVisitor visitor) {
    boolean[] complete = {true};
    try {
      files.list(
          directory,
          entry -> {
            try {
              complete[0] &= visitor.visit(entry);
            } catch (IOException e) {
              complete[0] = false;
            }
          });
    } catch (IOException e) {
      complete[0] = false;
    }
    return complete[0];
  }

  @FunctionalInterface
  private interface EntryVisitor {
    boolean visit(Path entry) throws IOException;
  }
}
