package io.kveik.server.tenant;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Model;
import io.kveik.server.block.Namespace;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From a request's names to its namespace, with a bounded cache of what was resolved. Any thread.
 */
public final class Namespaces {
  private record Names(
      String resource, String container, String partition, String model, ElementType elementType) {}

  private final AccountResolver resolver;
  private final MasterSecret secret;
  private final Cache<Names, NamespaceKeys> resolved;

  /**
   * @param capacity namespaces kept ready; a request to another one is resolved afresh
   */
  public Namespaces(AccountResolver resolver, MasterSecret secret, long capacity) {
    this.resolver = resolver;
    this.secret = secret;
    this.resolved = Caffeine.newBuilder().maximumSize(capacity).build();
  }

  /**
   * The v1 namespace of those names, each within the name grammar.
   *
   * @param partition may be empty
   * @return empty when there is no such account
   */
  public Optional<NamespaceKeys> v1(String resource, String container, String partition) {
    return of(
        new Names(
            resource, container, partition, Namespace.UNDECLARED_MODEL, ElementType.UNDECLARED));
  }

  /**
   * The namespace of those names, each within the name grammar, and that model.
   *
   * @param partition may be empty
   * @return empty when there is no such account
   */
  public Optional<NamespaceKeys> of(
      String resource, String container, String partition, Model model) {
    return of(new Names(resource, container, partition, model.canonical(), model.elementType()));
  }

  private Optional<NamespaceKeys> of(Names names) {
    NamespaceKeys keys = resolved.getIfPresent(names);
    if (keys == null) {
      keys = resolve(names);
      if (keys != null) {
        resolved.put(names, keys);
      }
    }
    return Optional.ofNullable(keys);
  }

  private @Nullable NamespaceKeys resolve(Names names) {
    return resolver
        .resolve(names.resource())
        .map(account ->
            NamespaceKeys.of(
                new Namespace(
                    account.tenant(),
                    names.resource(),
                    names.container(),
                    names.partition(),
                    names.model(),
                    names.elementType()),
                secret.derive("tenant", account.tenant())))
        .orElse(null);
  }
}
