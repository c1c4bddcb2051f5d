package io.kveik.server.cache;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.util.Map;

/**
 * Keeps over a restart which namespaces have an eviction policy of their own. One thread at a time.
 */
public interface NamespacePolicyLog {
  /** What was kept last. */
  Map<Fingerprint, PolicyKind> recovered();

  /**
   * Replaces all of it, atomically; durable on return.
   *
   * @throws IOException when it may be as it was
   */
  void rewrite(Map<Fingerprint, PolicyKind> policies) throws IOException;

  /** One that keeps nothing. */
  static NamespacePolicyLog forgetful() {
    return new NamespacePolicyLog() {
      @Override
      public Map<Fingerprint, PolicyKind> recovered() {
        return Map.of();
      }

      @Override
      public void rewrite(Map<Fingerprint, PolicyKind> policies) {}
    };
  }
}
