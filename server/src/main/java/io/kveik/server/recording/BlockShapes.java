package io.kveik.server.recording;

import io.kveik.server.block.Fingerprint;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the blocks of each namespace are like: the latest of those with the most tokens, since the
 * last of a chain may have fewer. Thread-safe; a race leaves either of two truths.
 */
final class BlockShapes {
  private final ConcurrentHashMap<Fingerprint, BlockShape> shapes = new ConcurrentHashMap<>();
  private final int limit;

  /**
   * @param limit namespaces to remember, give or take one for each thread; blocks of more are of an
   *     unknown shape
   */
  BlockShapes(int limit) {
    this.limit = limit;
  }

  void seen(Fingerprint namespace, int tokens, int bytes) {
    BlockShape known = shapes.get(namespace);
    boolean news =
        known == null
            ? shapes.size() < limit
            : tokens > known.tokens() || (tokens == known.tokens() && bytes != known.bytes());
    if (news) {
      shapes.put(namespace, new BlockShape(tokens, bytes));
    }
  }

  BlockShape of(Fingerprint namespace) {
    return shapes.getOrDefault(namespace, BlockShape.UNKNOWN);
  }
}
