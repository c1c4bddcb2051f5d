package io.kveik.server.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamespacesFileTest {
  private static final Set<String> POLICIES = Set.of("lru", "arc");
  private static final int LIMIT = 3;

  @TempDir Path directory;

  private final Namespaces namespaces =
      new Namespaces(
          name ->
              name.equals("r")
                  ? new InMemoryAccountResolver("blob.example").resolve(name)
                  : Optional.empty(),
          MasterSecret.ephemeral(),
          100);

  private Map<Fingerprint, String> read(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("namespaces.yaml"), text);
    return NamespacesFile.evictionPolicies(file, LIMIT, POLICIES, namespaces);
  }

  @Test
  void namespacesAreThoseThatRequestsName() throws IOException {
    assertThat(
            read(
                """
                namespaces:
                - resource: r
                  container: c
                  eviction-policy: lru
                - resource: r
                  container: c
                  partition: p
                  eviction-policy: arc
                - resource: r
                  container: c
                  model:
                    name: llama
                    revision: "2"
                    dtype: bf16
                    layout: page_first
                    parallelism: tp=2/4
                    adapter: a
                    block-tokens: 16
                  eviction-policy: arc
                """))
        .containsOnly(
            Map.entry(namespaces.v1("r", "c", "").orElseThrow().fingerprint(), "lru"),
            Map.entry(namespaces.v1("r", "c", "p").orElseThrow().fingerprint(), "arc"),
            Map.entry(
                namespaces
                    .of(
                        "r",
                        "c",
                        "",
                        new Model("llama", "2", "bf16", "page_first", "tp=2/4", "a", 16))
                    .orElseThrow()
                    .fingerprint(),
                "arc"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{resource: r, container: c, eviction-policy: fifo}|eviction-policy: 'fifo' must be one of [arc, lru]",
        "{resource: r, container: c}|eviction-policy must be given",
        "{resource: r, eviction-policy: lru}|container must be given",
        "{resource: x, container: c, eviction-policy: lru}|resource: 'x' must be one of accounts.file",
        "{resource: r, container: a/b, eviction-policy: lru}|container: 'a/b' must match",
        "{resource: r, container: c, policy: lru}|no field 'policy'",
        "{resource: r, container: c, model: {name: m}, eviction-policy: lru}|block-tokens must be",
        "{resource: r, container: c, model: {name: m, block-tokens: 0}, eviction-policy: lru}|1 to",
        "{resource: r, container: c, model: {block-tokens: 1}, eviction-policy: lru}|model: name must",
        "{resource: r, container: c, model: m, eviction-policy: lru}|model: must be a map",
      })
  void namesWhatIsWrong(String entry, String message) {
    assertThatThrownBy(() -> read("namespaces:\n- " + entry))
        .isInstanceOf(RegistryFileException.class)
        .hasMessageContaining("namespaces.yaml: namespace 1")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "namespaces: 1", "accounts: []", "namespaces: [}"})
  void refusesWhatIsNoListOfNamespaces(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(RegistryFileException.class)
        .hasMessageStartingWith("namespaces.file: '");
  }

  @Test
  void refusesTheSameNamespaceTwiceAndTooMany() {
    String entry = "- {resource: r, container: c%d, eviction-policy: lru}\n";
    assertThatThrownBy(() -> read("namespaces:\n" + entry.formatted(1) + entry.formatted(1)))
        .isInstanceOf(RegistryFileException.class)
        .hasMessageContaining("namespace 2: the namespace is there twice");
    StringBuilder many = new StringBuilder("namespaces:\n");
    for (int i = 0; i <= LIMIT; i++) {
      many.append(entry.formatted(i));
    }
    assertThatThrownBy(() -> read(many.toString()))
        .isInstanceOf(RegistryFileException.class)
        .hasMessageContaining("4 namespaces, at most 3");
  }

  @Test
  void refusesTextsThatNoModelHas() {
    for (String name : new String[] {"a\\nb", "x".repeat(257)}) {
      assertThatThrownBy(() ->
              read(
                  """
                  namespaces:
                  - resource: r
                    container: c
                    eviction-policy: lru
                    model: {block-tokens: 1, name: "%s"}
                  """
                      .formatted(name)))
          .isInstanceOf(RegistryFileException.class)
          .hasMessageContaining("name: must be at most 256 characters");
    }
  }
}
