package io.kveik.server.tenant;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads the accounts file (docs/operations.md has its reference): a list {@code accounts} of maps.
 * What it does not know it refuses, so that a misspelt field is no silent default. Stateless.
 */
final class AccountsFile {
  private static final int BYTES_PER_ACCOUNT = 4_096;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Set<String> ACCOUNT_FIELDS =
      Set.of("resource", "tenant", "kind", "endpoint", "insecure", "credential");
  private static final Set<String> CREDENTIAL_FIELDS =
      Set.of("type", "client-id", "name", "secret-file", "secret-env");

  private final Path file;

  private AccountsFile(Path file) {
    this.file = file;
  }

  /**
   * All accounts of a file.
   *
   * @param limit most accounts
   * @throws AccountsFileException when it is too long or says something it must not
   * @throws IOException when it can't be read
   */
  static List<Account> read(Path file, int limit) throws IOException {
    return new AccountsFile(file).read(limit);
  }

  private List<Account> read(int limit) throws IOException {
    long most = (long) limit * BYTES_PER_ACCOUNT;
    long size = Files.size(file);
    if (size > most) {
      throw refused("is %d bytes, at most %d for %d accounts".formatted(size, most, limit));
    }
    Object root;
    try {
      LoadSettings settings =
          LoadSettings.builder()
              .setLabel(file.toString())
              .setMaxAliasesForCollections(0)
              .setCodePointLimit(Math.toIntExact(Math.min(most, Integer.MAX_VALUE)))
              .build();
      root = new Load(settings).loadFromString(Files.readString(file));
    } catch (YamlEngineException e) {
      throw refused("is no YAML: " + problem(e));
    }
    if (!(root instanceof Map<?, ?> map)
        || !map.keySet().equals(Set.of("accounts"))
        || !(map.get("accounts") instanceof List<?> entries)) {
      throw refused("must be a map with one list, 'accounts'");
    }
    if (entries.size() > limit) {
      throw refused("%d accounts, at most %d".formatted(entries.size(), limit));
    }
    List<Account> accounts = new ArrayList<>(entries.size());
    for (Object entry : entries) {
      accounts.add(
          account(new Fields(file + ": account " + (accounts.size() + 1), entry, ACCOUNT_FIELDS)));
    }
    return accounts;
  }

  private Account account(Fields fields) throws AccountsFileException {
    String resource = fields.matching("resource", NAME);
    Fields named = fields.called("account '" + resource + "'");
    StorageKind kind = kind(named);
    URI endpoint = endpoint(named);
    return new Account(
        resource, named.matching("tenant", NAME), kind, endpoint, credential(named, kind));
  }

  private StorageKind kind(Fields fields) throws AccountsFileException {
    String text = fields.text("kind");
    return switch (text) {
      case "azure" -> StorageKind.AZURE;
      case "s3" -> StorageKind.S3;
      default -> throw fields.refused("kind", text, "must be azure or s3");
    };
  }

  private URI endpoint(Fields fields) throws AccountsFileException {
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

  private CredentialReference credential(Fields account, StorageKind kind)
      throws AccountsFileException {
    if (!account.has("credential")) {
      return new CredentialReference.PlatformDefault();
    }
    Fields fields =
        new Fields(account.where + ", credential", account.raw("credential"), CREDENTIAL_FIELDS);
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
                  ? Optional.of(fields.matching("client-id", NAME))
                  : Optional.empty());
      case "sas" -> new CredentialReference.Sas(secret(fields));
      case "connection-string" -> new CredentialReference.ConnectionString(secret(fields));
      case "shared-key" ->
          new CredentialReference.SharedKey(fields.matching("name", NAME), secret(fields));
      default -> new CredentialReference.PlatformDefault();
    };
  }

  private SecretReference secret(Fields fields) throws AccountsFileException {
    if (fields.has("secret-file") == fields.has("secret-env")) {
      throw new AccountsFileException(
          fields.where + ": one of secret-file and secret-env must be given");
    }
    return fields.has("secret-file")
        ? new SecretReference.OfFile(Path.of(fields.text("secret-file")))
        : new SecretReference.OfEnvironment(fields.matching("secret-env", VARIABLE));
  }

  private AccountsFileException refused(String why) {
    return new AccountsFileException("accounts.file: '" + file + "' " + why);
  }

  /** The problem and its line: the rest of what the parser says quotes the file. */
  private static String problem(YamlEngineException e) {
    return e instanceof MarkedYamlEngineException marked
        ? marked.getProblem()
            + marked.getProblemMark().map(mark -> " in line " + (mark.getLine() + 1)).orElse("")
        : e.getClass().getSimpleName();
  }

  /** One map of the file. */
  private final class Fields {
    private final String where;
    private final Map<?, ?> values;

    Fields(String where, @Nullable Object node, Set<String> legal) throws AccountsFileException {
      this.where = where;
      if (!(node instanceof Map<?, ?> map)) {
        throw new AccountsFileException(this.where + ": must be a map");
      }
      this.values = map;
      only(legal);
    }

    private Fields(String where, Map<?, ?> values) {
      this.where = where;
      this.values = values;
    }

    Fields called(String name) {
      return new Fields(file + ": " + name, values);
    }

    void only(Set<String> legal) throws AccountsFileException {
      for (Object name : values.keySet()) {
        if (!(name instanceof String text) || !legal.contains(text)) {
          throw new AccountsFileException(
              "%s: no field '%s' here; there are %s"
                  .formatted(where, name, legal.stream().sorted().toList()));
        }
      }
    }

    boolean has(String name) {
      return values.containsKey(name);
    }

    @Nullable Object raw(String name) {
      return values.get(name);
    }

    boolean on(String name) throws AccountsFileException {
      Object value = values.get(name);
      if (value instanceof Boolean on) {
        return on;
      }
      if (has(name)) {
        throw refused(name, String.valueOf(value), "must be true or false");
      }
      return false;
    }

    String text(String name) throws AccountsFileException {
      Object value = values.get(name);
      if (value == null || value instanceof Map || value instanceof List) {
        throw new AccountsFileException(where + ": " + name + " must be given, as text");
      }
      return value.toString();
    }

    String matching(String name, Pattern pattern) throws AccountsFileException {
      String text = text(name);
      if (!pattern.matcher(text).matches()) {
        throw refused(name, text, "must match " + pattern);
      }
      return text;
    }

    AccountsFileException refused(String name, String value, String why) {
      return new AccountsFileException("%s: %s: '%s' %s".formatted(where, name, value, why));
    }
  }
}
