package io.kveik.server.cache;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Gives namespaces eviction policies of their own, and remembers that over a restart. Any thread,
 * one at a time; blocks on the {@link NamespacePolicyLog}.
 */
final class PolicyAssignments {
  private final BlockSettings settings;
  private final int limit;
  private NamespacePolicyLog log = NamespacePolicyLog.forgetful();

  /**
   * @param limit namespaces that may have one
   */
  PolicyAssignments(BlockSettings settings, int limit) {
    this.settings = settings;
    this.limit = limit;
  }

  /**
   * Applies what a log has, and records there from now on.
   *
   * @throws OutOfMemoryError when the system refuses memory for the policies
   */
  synchronized void keepIn(NamespacePolicyLog other) {
    other.recovered().forEach(settings::setPolicy);
    log = other;
  }

  /**
   * Gives a namespace another policy: blocks that come from now on have it. Durable on return.
   *
   * @param kind empty: none of its own
   * @return false when too many have one: nothing changed
   * @throws IOException when it could not be recorded: nothing changed, but a restart may show it
   * @throws OutOfMemoryError when the system refuses memory for the policy: nothing changed
   */
  synchronized boolean assign(Fingerprint namespace, Optional<PolicyKind> kind) throws IOException {
    Map<Fingerprint, PolicyKind> before = settings.policies();
    Map<Fingerprint, PolicyKind> after = new HashMap<>(before);
    kind.ifPresentOrElse(one -> after.put(namespace, one), () -> after.remove(namespace));
    if (after.size() > before.size() && after.size() > limit) {
      return false;
    }
    settings.setPolicy(namespace, kind.orElse(null));
    boolean recorded = false;
    try {
      log.rewrite(after);
      recorded = true;
      return true;
    } finally {
      if (!recorded) {
        settings.setPolicy(namespace, before.get(namespace));
      }
    }
  }
}
