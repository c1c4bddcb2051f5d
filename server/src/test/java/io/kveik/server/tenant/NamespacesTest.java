package io.kveik.server.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class NamespacesTest {
  private static final AccountResolver ONE =
      name ->
          name.equals("r")
              ? new InMemoryAccountResolver("blob.example").resolve(name)
              : Optional.empty();

  @Test
  void tellsWhereANamespaceIsKept() {
    Namespaces namespaces = new Namespaces(ONE, MasterSecret.ephemeral(), 100);
    NamespaceKeys keys = namespaces.v1("r", "c", "p").orElseThrow();
    assertThat(namespaces.home(keys.fingerprint()))
        .contains(new NamespaceHome(ONE.resolve("r").orElseThrow(), "c"));
    assertThat(namespaces.known()).containsExactly(keys.fingerprint());
  }

  @Test
  void knowsNothingOfWhatNobodyNamed() {
    MasterSecret secret = MasterSecret.ephemeral();
    Namespaces elsewhere = new Namespaces(ONE, secret, 100);
    NamespaceKeys keys = elsewhere.v1("r", "c", "p").orElseThrow();
    Namespaces namespaces = new Namespaces(ONE, secret, 100);
    assertThat(namespaces.v1("stranger", "c", "p")).isEmpty();
    assertThat(namespaces.home(keys.fingerprint())).isEmpty();
    assertThat(namespaces.known()).isEmpty();
  }
}
