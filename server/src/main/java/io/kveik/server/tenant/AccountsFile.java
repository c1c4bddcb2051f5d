package io.kveik.server.tenant;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the accounts file (docs/operations.md has its reference): a list {@code accounts} of maps.
 * Stateless.
 */
final class AccountsFile {
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Set<String> ACCOUNT_FIELDS =
      Set.of("resource", "tenant", "kind", "endpoint", "insecure", "credential");
  private static final Set<String> CREDENTIAL_FIELDS =
      Set.of("type", "client-id", "name", "secret-file", "secret-env");

  private AccountsFile() {}

  /**
   * All accounts of a file.
   *
   * @param limit most accounts
   * @throws RegistryFileException when it is too long or says something it must not
   * @throws IOException when it can't be read
   */
  static List<Account> read(Path file, int limit) throws IOException {
    RegistryFile registry = new RegistryFile(file, "accounts.file", "accounts");
    List<Account> accounts = new ArrayList<>();
    for (RegistryFields fields : registry.entries(ACCOUNT_FIELDS, limit)) {
      String resource = fields.matching("resource", RegistryFields.NAME);
      accounts.add(account(resource, fields.called("%s: account '%s'".formatted(file, resource))));
    }
    return accounts;
  }

  private static Account account(String resource, RegistryFields fields)
      throws RegistryFileException {
    StorageKind kind = kind(fields);
    URI endpoint = endpoint(fields);
    String tenant = fields.matching("tenant", RegistryFields.NAME);
    return new Account(resource, tenant, kind, endpoint, credential(fields, kind));
  }

  private static StorageKind kind(RegistryFields fields) throws RegistryFileException {
    String text = fields.text("kind");
    return switch (text) {
      case "azure" -> StorageKind.AZURE;
      case "s3" -> StorageKind.S3;
      default -> throw fields.refused("kind", text, "must be azure or s3");
    };
  }

  private static URI endpoint(RegistryFields fields) throws RegistryFileException {
    String text = fields.text("endpoint");
    try {
      URI endpoint = new URI(text);
      Optional<String> refusal = EndpointRules.refusal(endpoint, fields.on("insecure"));
      if (refusal.isPresent()) {
        // Not quoted when it may hold a secret: a SAS is easily pasted with its URL.
        throw fields.refused("endpoint", endpoint.getQuery() == null ? text : "...", refusal.get());
      }
      return endpoint;
    } catch (URISyntaxException e) {
      throw fields.refused("endpoint", "...", "is no URL");
    }
  }

  private static CredentialReference credential(RegistryFields account, StorageKind kind)
      throws RegistryFileException {
    if (!account.has("credential")) {
      return new CredentialReference.PlatformDefault();
    }
    RegistryFields fields = account.map("credential", CREDENTIAL_FIELDS);
    String type = fields.text("type");
    Set<String> legal =
        switch (type) {
          case "default" -> Set.of("type");
          case "managed-identity" -> Set.of("type", "client-id");
          case "sas", "connection-string" -> Set.of("type", "secret-file", "secret-env");
          case "shared-key" -> Set.of("type", "name", "secret-file", "secret-env");
          default ->
              throw fields.refused(
                  "type",
                  type,
                  "must be default, managed-identity, sas, connection-string or shared-key");
        };
    fields.only(legal);
    if (kind == StorageKind.S3 && !type.equals("default") && !type.equals("shared-key")) {
      throw fields.refused("type", type, "must be default or shared-key for s3");
    }
    return switch (type) {
      case "managed-identity" ->
          new CredentialReference.ManagedIdentity(
              fields.has("client-id")
                  ? Optional.of(fields.matching("client-id", RegistryFields.NAME))
                  : Optional.empty());
      case "sas" -> new CredentialReference.Sas(secret(fields));
      case "connection-string" -> new CredentialReference.ConnectionString(secret(fields));
      case "shared-key" ->
          new CredentialReference.SharedKey(
              fields.matching("name", RegistryFields.NAME), secret(fields));
      default -> new CredentialReference.PlatformDefault();
    };
  }

  private static SecretReference secret(RegistryFields fields) throws RegistryFileException {
    if (fields.has("secret-file") == fields.has("secret-env")) {
      throw fields.problem("one of secret-file and secret-env must be given");
    }
    return fields.has("secret-file")
        ? new SecretReference.OfFile(Path.of(fields.text("secret-file")))
        : new SecretReference.OfEnvironment(fields.matching("secret-env", VARIABLE));
  }
}
