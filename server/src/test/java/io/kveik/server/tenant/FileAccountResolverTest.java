package io.kveik.server.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileAccountResolverTest {
  private static final String HEAD = "accounts:\n- {resource: r1, tenant: t1, kind: azure, ";
  private static final String ENDPOINT = "endpoint: 'https://r1.blob.core.windows.net'";

  @TempDir Path directory;

  @Test
  void readsEachKindOfAccount() throws IOException {
    AccountResolver accounts =
        read(
            """
            accounts:
            - resource: plain
              tenant: t1
              kind: azure
              endpoint: https://plain.blob.core.windows.net
            - resource: keyed
              tenant: t1
              kind: azure
              endpoint: http://127.0.0.1:10000/keyed
              credential: {type: shared-key, name: keyed, secret-file: /run/secrets/keyed}
            - resource: signed
              tenant: t2
              kind: azure
              endpoint: http://azurite.internal:10000/signed
              insecure: true
              credential: {type: sas, secret-env: SIGNED_SAS}
            - resource: identified
              tenant: t2
              kind: azure
              endpoint: https://i.blob.core.windows.net
              credential: {type: managed-identity, client-id: 0-1-2}
            - resource: connected
              tenant: t2
              kind: azure
              endpoint: https://c.blob.core.windows.net
              credential: {type: connection-string, secret-env: C}
            - resource: other
              tenant: t3
              kind: s3
              endpoint: https://s3.eu-central-1.amazonaws.com
              credential: {type: shared-key, name: AKEY, secret-env: S3_SECRET}
            """);
    assertThat(accounts.resolve("plain"))
        .contains(
            new Account(
                "plain",
                "t1",
                StorageKind.AZURE,
                URI.create("https://plain.blob.core.windows.net"),
                new CredentialReference.PlatformDefault()));
    assertThat(credential(accounts, "keyed"))
        .isEqualTo(
            new CredentialReference.SharedKey(
                "keyed", new SecretReference.OfFile(Path.of("/run/secrets/keyed"))));
    assertThat(credential(accounts, "signed"))
        .isEqualTo(new CredentialReference.Sas(new SecretReference.OfEnvironment("SIGNED_SAS")));
    assertThat(credential(accounts, "identified"))
        .isEqualTo(new CredentialReference.ManagedIdentity(Optional.of("0-1-2")));
    assertThat(credential(accounts, "connected"))
        .isEqualTo(
            new CredentialReference.ConnectionString(new SecretReference.OfEnvironment("C")));
    assertThat(accounts.resolve("other").orElseThrow().kind()).isEqualTo(StorageKind.S3);
    assertThat(accounts.resolve("nobody")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "endpoint: 'http://storage.example'}|endpoint: 'http://storage.example' is plain http",
        "endpoint: 'http://169.254.169.254/x', insecure: true}|link-local or metadata",
        "endpoint: 'http://0xA9FEA9FE/x', insecure: true}|link-local or metadata",
        "endpoint: 'http://2852039166/x', insecure: true}|link-local or metadata",
        "endpoint: 'https://[fe80::1]'}|link-local or metadata",
        "endpoint: 'https://[::ffff:169.254.169.254]'}|link-local or metadata",
        "endpoint: 'https://168.63.129.16'}|link-local or metadata",
        "endpoint: 'https://Metadata.Google.Internal'}|link-local or metadata",
        "endpoint: 'ftp://storage.example'}|must be https://HOST",
        "endpoint: 'https://a.example?sig=SECRET'}|endpoint: '...' must have no user, query",
        "endpoint: 'https://u:p@a.example'}|must have no user, query",
        "endpoint: 'https://a.example', color: red}|no field 'color'",
        "endpoint: 'https://a.example', insecure: perhaps}|insecure: 'perhaps' must be true",
        "endpoint: 'https://a.example', credential: {type: magic}}|type: 'magic' must be default",
        "endpoint: 'https://a.example', credential: {type: sas}}|one of secret-file and secret-env",
        "endpoint: 'https://a.example', credential: {type: sas, name: x}}|no field 'name'",
        "endpoint: 'https://a.example', credential: {type: sas, secret-env: 'A B'}}|secret-env: 'A",
        "kind: azure}|duplicate",
        "tenant: ''}|duplicate",
      })
  void namesWhatIsWrong(String rest, String message) {
    assertThatThrownBy(() -> read(HEAD + rest))
        .isInstanceOf(RegistryFileException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("SECRET");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "accounts: 1",
        "accounts: [1]",
        "other: []",
        "accounts: [}",
        "accounts: [{resource: ../etc, tenant: t, kind: azure, endpoint: 'https://a.example'}]",
        "accounts: [{resource: r, tenant: '', kind: azure, endpoint: 'https://a.example'}]",
        "accounts: [{resource: r, tenant: t, kind: gcs, endpoint: 'https://a.example'}]",
        "accounts: [{resource: r, tenant: t, kind: azure}]",
        "accounts: [{resource: r, tenant: t, kind: s3, endpoint: 'https://a.example',"
            + " credential: {type: sas, secret-env: X}}]",
      })
  void refusesWhatIsNoListOfAccounts(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(RegistryFileException.class);
  }

  @Test
  void refusesTheSameResourceTwice() {
    String account = "- {resource: r1, tenant: t1, kind: azure, " + ENDPOINT + "}\n";
    assertThatThrownBy(() -> read("accounts:\n" + account + account))
        .isInstanceOf(RegistryFileException.class)
        .hasMessageContaining("'r1' is there twice");
  }

  @Test
  void isBounded() {
    StringBuilder many = new StringBuilder("accounts:\n");
    for (int i = 0; i < 5; i++) {
      many.append("- {resource: r%d, tenant: t, kind: azure, %s}\n".formatted(i, ENDPOINT));
    }
    assertThatThrownBy(() -> FileAccountResolver.read(write(many.toString()), 4))
        .hasMessageContaining("5 accounts, at most 4");
    assertThatThrownBy(() -> FileAccountResolver.read(write(" ".repeat(5_000)), 1))
        .hasMessageContaining("is 5000 bytes, at most 4096");
  }

  @Test
  void secretsAreReadWhereTheyAreAndNotShown() throws IOException {
    Path file = Files.writeString(directory.resolve("key"), "  the-key\n");
    SecretReference secret = new SecretReference.OfFile(file);
    assertThat(secret.read()).isEqualTo("the-key");
    assertThat(secret.toString()).doesNotContain("the-key");
    Files.write(file, new byte[] {'k', 'e', 'y', (byte) 0xff});
    assertThatThrownBy(secret::read).isInstanceOf(IOException.class).hasNoCause();
    Files.writeString(file, " \n");
    assertThatThrownBy(secret::read).hasMessageContaining(file.toString());
    assertThatThrownBy(() -> new SecretReference.OfEnvironment("KVEIK_NO_SUCH_VARIABLE").read())
        .hasMessageContaining("KVEIK_NO_SUCH_VARIABLE");
  }

  @ParameterizedTest
  @CsvSource({
    "169.254.169.254, true",
    "fe80::1, true",
    "168.63.129.16, true",
    "0.0.0.0, true",
    "127.0.0.1, false",
    "10.0.0.4, false",
    "20.60.1.2, false",
  })
  void tellsForbiddenAddresses(String address, boolean forbidden) {
    assertThat(EndpointRules.isForbidden(InetAddress.ofLiteral(address))).isEqualTo(forbidden);
  }

  private static CredentialReference credential(AccountResolver accounts, String resource) {
    return accounts.resolve(resource).orElseThrow().credential();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(directory.resolve("accounts.yaml"), text);
  }

  private AccountResolver read(String text) throws IOException {
    return FileAccountResolver.read(write(text), 100);
  }
}
