package io.kveik.server.tier.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.object.BlobContainer;
import io.kveik.server.tier.object.BlobFailure;
import io.kveik.server.tier.object.BlobFailure.Kind;
import io.kveik.server.tier.object.BlobName;
import io.kveik.server.tier.object.BlobOutcome;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What storage and network can do to a call, by an HTTP server that does it. */
@Timeout(120)
class AzureFaultsTest {
  private static final long TIMEOUT_MILLIS = 20_000;
  private static final long SHORT_MILLIS = 1_000;
  private static final int LENGTH = 1_000_000;

  private final Slab memory = Slab.anonymous(16 << 20);

  /** Loads what a first call loads, so that short waits are for the fault and not for classes. */
  @BeforeAll
  static void warmUp() throws Exception {
    for (AzureOptions.Stack stack : AzureOptions.Stack.values()) {
      try (ScriptedServer server = ScriptedServer.answering(200, "", "x");
          Slab slab = Slab.anonymous(1 << 20);
          Arena arena = Arena.ofShared();
          AzureBlobStore store = TestStores.open(TestStores.options().with(stack))) {
        store.put(blob(server), Map.of(), arena.allocate(10), TIMEOUT_MILLIS);
        BlobOutcome.Get got =
            store.get(blob(server), (_, length) -> slab.allocate(length), TIMEOUT_MILLIS);
        ((BlobOutcome.Fetched) got).body().close();
      }
    }
  }

  @AfterEach
  void nothingLeaked() {
    assertThat(memory.liveLeases()).isZero();
    memory.close();
  }

  @ParameterizedTest
  @CsvSource({
    "503, 'Retry-After: 7', THROTTLED, 7000",
    "503, '', THROTTLED, 0",
    "429, 'Retry-After: Fri, 31 Dec 1999 23:59:59 GMT', THROTTLED, 0",
    "429, 'Retry-After: 999999999999', THROTTLED, 3600000",
    "500, '', UNAVAILABLE, 0",
    "502, '', UNAVAILABLE, 0",
    "408, '', UNAVAILABLE, 0",
    "400, '', REFUSED, 0",
    "403, 'x-ms-error-code: AuthenticationFailed', REFUSED, 0",
    "302, 'Location: http://127.0.0.1:9/', REFUSED, 0",
  })
  void statusTellsWhatHelps(int status, String header, Kind kind, long retryAfterMillis)
      throws Exception {
    String headers = header.isEmpty() ? "" : header + "\r\n";
    for (AzureOptions.Stack stack : AzureOptions.Stack.values()) {
      try (ScriptedServer server =
              ScriptedServer.answering(status, headers, "<Error>to sign: sig=SECRET</Error>");
          AzureBlobStore store = TestStores.open(TestStores.options().with(stack))) {
        BlobFailure failure = failureOf(get(store, blob(server), TIMEOUT_MILLIS));
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.retryAfterMillis()).isEqualTo(retryAfterMillis);
        assertThat(failure.reason()).contains("" + status).doesNotContain("SECRET");
        assertThat(server.requests()).as("one try").isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void aBodyThatBreaksOffIsNoBlob(AzureOptions.Stack stack) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((_, _, out) -> {
              sendHead(out);
              out.write(new byte[LENGTH / 3]);
              throw new IllegalStateException("cut");
            });
        AzureBlobStore store = TestStores.open(TestStores.options().with(stack))) {
      BlobOutcome.Get outcome = get(store, blob(server), TIMEOUT_MILLIS);
      assertThat(failureOf(outcome).kind()).isEqualTo(Kind.UNAVAILABLE);
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void aConnectionThatBreaksBeforeTheAnswerIsOneTry(AzureOptions.Stack stack) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((_, _, _) -> {
              throw new IllegalStateException("cut");
            });
        AzureBlobStore store = TestStores.open(TestStores.options().with(stack))) {
      assertThat(failureOf(store.head(blob(server), TIMEOUT_MILLIS)).kind())
          .isEqualTo(Kind.UNAVAILABLE);
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void nothingWritesToMemoryOnceTheCallIsOver(AzureOptions.Stack stack) throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    CountDownLatch sent = new CountDownLatch(1);
    // Room for one block only, so that the next one lies where this one lay.
    try (Slab one = Slab.anonymous(LENGTH + LENGTH / 2);
        ScriptedServer server =
            new ScriptedServer((_, _, out) -> {
              try {
                sendHead(out);
                out.write(ones(LENGTH / 3));
                out.flush();
                over.await();
                out.write(ones(LENGTH / 3));
                out.flush();
              } finally {
                sent.countDown();
              }
            });
        AzureBlobStore store = TestStores.open(TestStores.options().with(stack))) {
      BlobOutcome.Get outcome =
          store.get(blob(server), (_, length) -> one.allocate(length), SHORT_MILLIS);
      assertThat(failureOf(outcome).kind()).isEqualTo(Kind.UNAVAILABLE);
      try (Lease next = Objects.requireNonNull(one.allocate(LENGTH))) {
        next.segment().fill((byte) 7);
        over.countDown();
        assertThat(sent.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(next.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) 7);
      }
      assertThat(one.liveLeases()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void nothingReadsMemoryOnceTheCallIsOver(AzureOptions.Stack stack) throws Exception {
    int length = 32 << 20;
    CountDownLatch over = new CountDownLatch(1);
    CountDownLatch read = new CountDownLatch(1);
    long[] foreign = new long[1];
    try (Arena arena = Arena.ofShared();
        ScriptedServer server =
            new ScriptedServer((_, in, _) -> {
              over.await();
              try {
                byte[] some = new byte[1 << 16];
                for (int count = in.read(some); count >= 0; count = in.read(some)) {
                  for (int i = 0; i < count; i++) {
                    foreign[0] += some[i] == 7 ? 1 : 0;
                  }
                }
              } finally {
                read.countDown();
              }
            });
        AzureBlobStore store = TestStores.open(TestStores.options().with(stack))) {
      MemorySegment body = arena.allocate(length).fill((byte) 1);
      BlobOutcome.Put outcome = store.put(blob(server), Map.of(), body, SHORT_MILLIS);
      assertThat(failureOf(outcome).kind()).isEqualTo(Kind.UNAVAILABLE);
      body.fill((byte) 7);
      over.countDown();
      assertThat(read.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(foreign[0]).as("bytes sent that were not the blob's").isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(AzureOptions.Stack.class)
  void anEndpointThatLeadsToAForbiddenAddressIsNotCalled(AzureOptions.Stack stack)
      throws Exception {
    try (ScriptedServer server = ScriptedServer.answering(200, "", "");
        AzureBlobStore store =
            TestStores.open(
                TestStores.options()
                    .with(stack)
                    .forbidding(address -> address.isLoopbackAddress()))) {
      URI byName = URI.create("http://localhost:" + server.container().endpoint().getPort() + "/a");
      for (URI endpoint : new URI[] {byName, server.container().endpoint()}) {
        BlobContainer container = new BlobContainer("account", endpoint, "container");
        BlobFailure failure = failureOf(store.head(new BlobName(container, "b"), TIMEOUT_MILLIS));
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
        assertThat(failure.reason()).contains("link-local or metadata");
      }
      assertThat(server.requests()).isZero();
    }
  }

  private static void sendHead(OutputStream out) throws Exception {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\nx-ms-blob-type: BlockBlob\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static byte[] ones(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 1);
    return bytes;
  }

  private BlobOutcome.Get get(AzureBlobStore store, BlobName blob, long timeoutMillis) {
    return store.get(
        blob, (_, length) -> Objects.requireNonNull(memory.allocate(length)), timeoutMillis);
  }

  private static BlobName blob(ScriptedServer server) {
    return new BlobName(server.container(), "b");
  }

  private static BlobFailure failureOf(BlobOutcome outcome) {
    assertThat(outcome).isInstanceOf(BlobOutcome.Failed.class);
    return ((BlobOutcome.Failed) outcome).failure();
  }
}
