package io.kveik.server.tier.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTPS with a certificate that only the setting makes trusted. */
class AzureTlsTest {
  private static final long TIMEOUT_MILLIS = 20_000;
  private static final int LENGTH = 1_228_800;

  @TempDir static Path directory;
  private static TestIdentity identity;
  private static Azurite azurite;

  @BeforeAll
  static void start() throws Exception {
    identity = TestIdentity.make(directory);
    azurite = Azurite.https(identity.store(), TestIdentity.PASSWORD);
  }

  @AfterAll
  static void stop() throws Exception {
    if (azurite != null) {
      azurite.close();
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void movesBlobsOverTls(AzureOptions.Stack stack) throws Exception {
    byte[] bytes = TestBlocks.body(1, 1, LENGTH);
    BlobName blob = new BlobName(azurite.newContainer(), "b");
    try (Arena arena = Arena.ofShared();
        Slab slab = Slab.anonymous(8 << 20);
        AzureBlobStore store =
            TestStores.open(TestStores.options().with(stack).trusting(identity.certificate()))) {
      MemorySegment body = arena.allocate(LENGTH).copyFrom(MemorySegment.ofArray(bytes));
      assertThat(store.put(blob, Map.of("k", "v"), body, TIMEOUT_MILLIS))
          .isEqualTo(new BlobOutcome.Created());
      BlobOutcome.Get got = store.get(blob, (_, length) -> slab.allocate(length), TIMEOUT_MILLIS);
      assertThat(got).isInstanceOf(BlobOutcome.Fetched.class);
      try (Lease lease = ((BlobOutcome.Fetched) got).body()) {
        assertThat(lease.segment().asSlice(0, LENGTH).toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(bytes);
      }
      assertThat(slab.liveLeases()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void talksToNobodyItDoesNotTrust(AzureOptions.Stack stack) throws Exception {
    BlobContainer container = azurite.newContainer();
    try (AzureBlobStore store = TestStores.open(TestStores.options().with(stack))) {
      assertThat(store.head(new BlobName(container, "b"), TIMEOUT_MILLIS))
          .isInstanceOfSatisfying(
              BlobOutcome.Failed.class,
              failed ->
                  assertThat(failed.failure().kind()).isEqualTo(BlobFailure.Kind.UNAVAILABLE));
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void connectionsToAKnownHostAreResumed(AzureOptions.Stack stack) throws Exception {
    int connections = 5;
    try (ScriptedServer server =
            new ScriptedServer(
                identity.serverContext().getServerSocketFactory(),
                "https",
                (bodyBytes, in, out) -> {
                  ScriptedServer.answer(200, "Connection: close\r\n", "")
                      .answer(bodyBytes, in, out);
                  throw new IllegalStateException("one request a connection");
                });
        AzureBlobStore store =
            TestStores.open(TestStores.options().with(stack).trusting(identity.certificate()))) {
      for (int i = 0; i < connections; i++) {
        assertThat(store.head(new BlobName(server.container(), "b"), TIMEOUT_MILLIS))
            .isInstanceOf(BlobOutcome.Present.class);
      }
      assertThat(server.requests()).isEqualTo(connections);
      assertThat(server.freshSessions()).as("of %d connections", connections).isEqualTo(1);
    }
  }

  @Test
  void refusesAFileWithoutCertificates() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty.pem"));
    assertThatThrownBy(() -> TestStores.open(TestStores.options().trusting(empty)).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(empty.toString());
    Path missing = directory.resolve("missing.pem");
    assertThatThrownBy(() -> TestStores.open(TestStores.options().trusting(missing)).close())
        .isInstanceOf(IOException.class);
  }
}
