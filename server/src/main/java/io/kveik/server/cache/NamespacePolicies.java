package io.kveik.server.cache;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.PolicyKind;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which namespaces have an eviction policy of their own, whether or not they have blocks. About 150
 * bytes of heap each; {@link BlockControl} bounds them. Owner thread: whoever holds the index lock.
 */
final class NamespacePolicies {
  private final Map<Fingerprint, PolicyKind> kinds = new HashMap<>();

  /** Null for a namespace that has none of its own. */
  @Nullable PolicyKind of(Fingerprint namespace) {
    return kinds.get(namespace);
  }

  /**
   * @param kind null: none of its own from now on
   */
  void set(Fingerprint namespace, @Nullable PolicyKind kind) {
    if (kind == null) {
      kinds.remove(namespace);
    } else {
      kinds.put(namespace, kind);
    }
  }
}
