package io.kveik.server.tenant;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the namespaces file (docs/operations.md has its reference): a list {@code namespaces} of
 * maps, each a namespace and what it has of its own. Stateless.
 */
public final class NamespacesFile {
  private static final Set<String> NAMESPACE_FIELDS =
      Set.of("resource", "container", "partition", "model", "eviction-policy");
  private static final Set<String> MODEL_FIELDS =
      Set.of("name", "revision", "dtype", "layout", "parallelism", "adapter", "block-tokens");

  private NamespacesFile() {}

  /**
   * The eviction policies that namespaces of a file have.
   *
   * @param limit most namespaces
   * @param policies there are
   * @param namespaces resolves their names
   * @throws RegistryFileException when it is too long or says something it must not
   * @throws IOException when it can't be read
   */
  public static Map<Fingerprint, String> evictionPolicies(
      Path file, int limit, Set<String> policies, Namespaces namespaces) throws IOException {
    RegistryFile registry = new RegistryFile(file, "namespaces.file", "namespaces");
    Map<Fingerprint, String> found = new HashMap<>();
    for (RegistryFields fields : registry.entries(NAMESPACE_FIELDS, limit)) {
      String policy = fields.text("eviction-policy");
      if (!policies.contains(policy)) {
        throw fields.refused(
            "eviction-policy", policy, "must be one of " + policies.stream().sorted().toList());
      }
      if (found.putIfAbsent(namespace(fields, namespaces), policy) != null) {
        throw fields.problem("the namespace is there twice");
      }
    }
    return Map.copyOf(found);
  }

  private static Fingerprint namespace(RegistryFields fields, Namespaces namespaces)
      throws RegistryFileException {
    String resource = fields.matching("resource", RegistryFields.NAME);
    String container = fields.matching("container", RegistryFields.NAME);
    String partition =
        fields.has("partition") ? fields.matching("partition", RegistryFields.NAME) : "";
    Optional<NamespaceKeys> keys =
        fields.has("model")
            ? namespaces.of(
                resource, container, partition, model(fields.map("model", MODEL_FIELDS)))
            : namespaces.v1(resource, container, partition);
    return keys.map(NamespaceKeys::fingerprint)
        .orElseThrow(() -> fields.refused("resource", resource, "must be one of accounts.file"));
  }

  private static Model model(RegistryFields fields) throws RegistryFileException {
    if (!fields.has("name")) {
      throw fields.problem("name must be given, as text");
    }
    return new Model(
        text(fields, "name"),
        text(fields, "revision"),
        text(fields, "dtype"),
        text(fields, "layout"),
        text(fields, "parallelism"),
        text(fields, "adapter"),
        fields.number("block-tokens", 1, Model.MAX_BLOCK_TOKENS));
  }

  /** Empty where it is not given, as in a request. */
  private static String text(RegistryFields fields, String name) throws RegistryFileException {
    String text = fields.has(name) ? fields.text(name) : "";
    if (!Model.isText(text)) {
      throw fields.problem(
          "%s: must be at most %d characters without control characters"
              .formatted(name, Model.MAX_TEXT_LENGTH));
    }
    return text;
  }
}
