package io.kveik.server.tenant;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The accounts that an operator has written into a file, read once. A resource name that is not
 * there is nobody's. Immutable, any thread.
 */
public final class FileAccountResolver implements AccountResolver {
  private final Map<String, Account> accounts;

  private FileAccountResolver(Map<String, Account> accounts) {
    this.accounts = accounts;
  }

  /**
   * Reads the accounts.
   *
   * @param limit most accounts
   * @throws RegistryFileException naming what the file must not say
   * @throws IOException when it can't be read
   */
  public static FileAccountResolver read(Path file, int limit) throws IOException {
    Map<String, Account> accounts = new HashMap<>();
    for (Account account : AccountsFile.read(file, limit)) {
      if (accounts.putIfAbsent(account.resourceName(), account) != null) {
        throw new RegistryFileException(
            file + ": resource: '" + account.resourceName() + "' is there twice");
      }
    }
    return new FileAccountResolver(Map.copyOf(accounts));
  }

  @Override
  public Optional<Account> resolve(String resourceName) {
    return Optional.ofNullable(accounts.get(resourceName));
  }

  @Override
  public Collection<Account> known() {
    return accounts.values();
  }
}
