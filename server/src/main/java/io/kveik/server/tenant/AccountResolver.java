package io.kveik.server.tenant;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Tells which account a resource name stands for. Any thread; may block where it asks a database.
 */
@FunctionalInterface
public interface AccountResolver {
  /**
   * @param resourceName within the name grammar
   * @return empty when there is no such account, or not for this caller
   */
  Optional<Account> resolve(String resourceName);

  /** Accounts that are known before anybody asks for one; none where any name may be one. */
  default Collection<Account> known() {
    return List.of();
  }
}
