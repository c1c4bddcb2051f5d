package io.kveik.server;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.ShareOptions;
import io.kveik.server.cache.eviction.BlockValue;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.config.ConfigException;
import io.kveik.server.config.Configuration;
import io.kveik.server.config.ControlSettings;
import io.kveik.server.config.NamespaceSettings;
import io.kveik.server.config.Settings;
import io.kveik.server.tenant.Namespaces;
import io.kveik.server.tenant.NamespacesFile;
import io.kveik.server.tenant.RegistryFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes from the settings who goes when a tier is full, and whose blocks. Stateless. */
final class EvictionWiring {
  private EvictionWiring() {}

  /**
   * The policy that the settings choose.
   *
   * @throws ConfigException when they contradict each other
   */
  static EvictionPolicy.Factory policies(Configuration config) {
    PolicyKind kind = PolicyKind.ofKey(config.text(Settings.EVICTION_POLICY));
    long doublesAtDepth = config.number(Settings.EVICTION_COST_DOUBLES_AT_DEPTH);
    if (doublesAtDepth == 0) {
      return kind;
    }
    if (kind != PolicyKind.DEFAULT) {
      throw new ConfigException(
          "%s=%d needs %s=%s, not %s"
              .formatted(
                  Settings.EVICTION_COST_DOUBLES_AT_DEPTH.key(),
                  doublesAtDepth,
                  Settings.EVICTION_POLICY.key(),
                  PolicyKind.DEFAULT.key(),
                  kind.key()));
    }
    return PolicyKind.defaultBy(BlockValue.costPerByte((double) doublesAtDepth));
  }

  /**
   * The policies that namespaces have by the namespaces file.
   *
   * @throws ConfigException naming what the file must not say
   */
  static Map<Fingerprint, PolicyKind> ofNamespaces(Configuration config, Namespaces namespaces) {
    String file = config.text(NamespaceSettings.FILE);
    if (file.isEmpty()) {
      return Map.of();
    }
    Set<String> kinds =
        Stream.of(PolicyKind.values()).map(PolicyKind::key).collect(Collectors.toSet());
    try {
      Map<Fingerprint, PolicyKind> policies = new HashMap<>();
      NamespacesFile.evictionPolicies(
              Path.of(file), config.count(ControlSettings.NAMESPACE_POLICIES), kinds, namespaces)
          .forEach((namespace, policy) -> policies.put(namespace, PolicyKind.ofKey(policy)));
      return policies;
    } catch (RegistryFileException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new ConfigException(NamespaceSettings.FILE.key() + ": '" + file + "' can't be read");
    }
  }

  /** How namespaces share a DRAM tier of that size. */
  static ShareOptions shares(Configuration config, long dramBytes) {
    int quotaPercent = config.count(NamespaceSettings.QUOTA_PERCENT);
    return new ShareOptions(
        config.count(NamespaceSettings.SHARE_PERCENT),
        quotaPercent == ShareOptions.PERCENT
            ? Long.MAX_VALUE
            : dramBytes / ShareOptions.PERCENT * quotaPercent,
        config.number(NamespaceSettings.IDLE_MILLIS));
  }
}
