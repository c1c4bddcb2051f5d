package io.kveik.server.cache;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives namespaces eviction policies of their own: those of the configuration, and before them
 * those that were assigned, which it remembers over a restart. Any thread, one at a time; blocks on
 * the {@link NamespacePolicyLog}.
 */
final class PolicyAssignments {
  private final BlockSettings settings;
  private final int limit;
  private NamespacePolicyLog log = NamespacePolicyLog.forgetful();
  private Map<Fingerprint, PolicyKind> configured = Map.of();
  private Map<Fingerprint, PolicyKind> assigned = Map.of();

  /**
   * @param limit namespaces that may have one
   */
  PolicyAssignments(BlockSettings settings, int limit) {
    this.settings = settings;
    this.limit = limit;
  }

  /**
   * Gives namespaces the policies that the configuration has for them, in place of what an earlier
   * call said. Blocks that are there stay with the policies that they have.
   *
   * @throws OutOfMemoryError when the system refuses memory for the policies
   */
  synchronized void configure(Map<Fingerprint, PolicyKind> policies) {
    Map<Fingerprint, PolicyKind> before = configured;
    configured = Map.copyOf(policies);
    before.keySet().forEach(this::apply);
    configured.keySet().forEach(this::apply);
  }

  /**
   * Applies what a log has, and records there from now on.
   *
   * @throws OutOfMemoryError when the system refuses memory for the policies
   */
  synchronized void keepIn(NamespacePolicyLog other) {
    Map<Fingerprint, PolicyKind> all = new HashMap<>(assigned);
    all.putAll(other.recovered());
    assigned = Map.copyOf(all);
    assigned.keySet().forEach(this::apply);
    log = other;
  }

  /**
   * Gives a namespace another policy: blocks that come from now on have it. Durable on return.
   *
   * @param kind empty: what the configuration has for it, if anything
   * @return false when too many have one: nothing changed
   * @throws IOException when it could not be recorded: nothing changed, but a restart may show it
   * @throws OutOfMemoryError when the system refuses memory for the policy: nothing changed
   */
  synchronized boolean assign(Fingerprint namespace, Optional<PolicyKind> kind) throws IOException {
    Map<Fingerprint, PolicyKind> before = assigned;
    Map<Fingerprint, PolicyKind> after = new HashMap<>(before);
    kind.ifPresentOrElse(one -> after.put(namespace, one), () -> after.remove(namespace));
    Set<Fingerprint> named = new HashSet<>(configured.keySet());
    named.addAll(after.keySet());
    if (after.size() > before.size() && named.size() > limit) {
      return false;
    }
    assigned = Map.copyOf(after);
    boolean recorded = false;
    try {
      apply(namespace);
      log.rewrite(assigned);
      recorded = true;
      return true;
    } finally {
      if (!recorded) {
        assigned = before;
        apply(namespace);
      }
    }
  }

  /** What was assigned goes before what is configured. */
  private void apply(Fingerprint namespace) {
    PolicyKind kind = assigned.get(namespace);
    settings.setPolicy(namespace, kind == null ? configured.get(namespace) : kind);
  }
}
