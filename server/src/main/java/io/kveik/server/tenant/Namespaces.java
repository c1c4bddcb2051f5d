package io.kveik.server.tenant;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.kveik.server.block.ElementType;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.Model;
import io.kveik.server.block.Namespace;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From a request's names to its namespace, with a bounded cache of what was resolved, and back from
 * a namespace's fingerprint to the storage account of those resolved of late. Any thread.
 */
public final class Namespaces {
  private record Names(
      String resource, String container, String partition, String model, ElementType elementType) {}

  private final AccountResolver resolver;
  private final MasterSecret secret;
  private final Cache<Names, NamespaceKeys> resolved;
  private final Cache<Fingerprint, NamespaceHome> homes;

  /**
   * @param capacity namespaces kept ready; a request to another one is resolved afresh
   */
  public Namespaces(AccountResolver resolver, MasterSecret secret, long capacity) {
    this.resolver = resolver;
    this.secret = secret;
    this.resolved = Caffeine.newBuilder().maximumSize(capacity).build();
    this.homes = Caffeine.newBuilder().maximumSize(capacity).build();
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

  /** Where a namespace's blocks are kept; empty for one that no request of late has named. */
  public Optional<NamespaceHome> home(Fingerprint namespace) {
    return Optional.ofNullable(homes.getIfPresent(namespace));
  }

  /** The namespaces whose {@link #home} is known now. */
  public List<Fingerprint> known() {
    return List.copyOf(homes.asMap().keySet());
  }

  private @Nullable NamespaceKeys resolve(Names names) {
    Account account = resolver.resolve(names.resource()).orElse(null);
    if (account == null) {
      return null;
    }
    Namespace namespace =
        new Namespace(
            account.tenant(),
            names.resource(),
            names.container(),
            names.partition(),
            names.model(),
            names.elementType());
    NamespaceKeys keys = NamespaceKeys.of(namespace, secret.derive("tenant", account.tenant()));
    homes.put(keys.fingerprint(), new NamespaceHome(account, names.container()));
    return keys;
  }
}
