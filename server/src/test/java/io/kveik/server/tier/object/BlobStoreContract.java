package io.kveik.server.tier.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.server.memory.Lease;
import io.kveik.server.memory.Slab;
import io.kveik.server.tier.TestBlocks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every blob store must do; each vendor's test extends it and runs against a real server. */
public abstract class BlobStoreContract {
  protected static final long TIMEOUT_MILLIS = 10_000;
  private static final Map<String, String> NO_METADATA = Map.of();

  private final Slab memory = Slab.anonymous(64L << 20);
  private BlobStore store;
  private BlobContainer container;

  protected abstract BlobStore openStore() throws IOException;

  /** An empty container of the store, another one on each call. */
  protected abstract BlobContainer newContainer() throws IOException;

  /** A store of the same kind that talks to an address where nobody listens. */
  protected abstract BlobStore openUnreachable() throws IOException;

  @BeforeEach
  void open() throws IOException {
    store = openStore();
    container = newContainer();
  }

  @AfterEach
  void close() {
    store.close();
    assertThat(memory.liveLeases()).isZero();
    memory.close();
  }

  @Test
  void hasShortName() {
    assertThat(store.name()).matches("[a-z][a-z0-9]{0,15}");
  }

  @Test
  void missesWhatWasNeverPut() {
    assertThat(get(blob("nothing"))).isEqualTo(new BlobOutcome.NotThere());
    assertThat(store.getRange(blob("nothing"), 0, 1, this::place, TIMEOUT_MILLIS))
        .isEqualTo(new BlobOutcome.NotThere());
    assertThat(store.head(blob("nothing"), TIMEOUT_MILLIS)).isEqualTo(new BlobOutcome.NotThere());
    assertThat(store.delete(blob("nothing"), TIMEOUT_MILLIS)).isEqualTo(new BlobOutcome.Deleted());
    assertThat(listed("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4_095, 65_536, 100_001, 1_228_800, 8_388_608})
  void returnsWhatWasPut(int length) {
    byte[] body = TestBlocks.body(length, 1, length);
    Map<String, String> metadata = Map.of("kveik1", "abc-_019", "b", "x y=z");
    assertThat(put("a/b.c/d-e_f", metadata, body)).isEqualTo(new BlobOutcome.Created());
    assertThat(contentOf(get(blob("a/b.c/d-e_f")), metadata)).isEqualTo(body);
    assertThat(store.head(blob("a/b.c/d-e_f"), TIMEOUT_MILLIS))
        .isEqualTo(new BlobOutcome.Present(metadata, length));
  }

  @Test
  void keepsTwoKibibytesOfMetadata() {
    Map<String, String> metadata = Map.of("k", "v".repeat(2_000), "kk", "w".repeat(40));
    put("b", metadata, new byte[] {1});
    assertThat(store.head(blob("b"), TIMEOUT_MILLIS))
        .isEqualTo(new BlobOutcome.Present(metadata, 1));
  }

  @Test
  void firstWriterWins() {
    Map<String, String> first = Map.of("by", "first");
    assertThat(put("b", first, new byte[] {1, 2, 3})).isEqualTo(new BlobOutcome.Created());
    assertThat(put("b", Map.of("by", "second"), new byte[] {4}))
        .isEqualTo(new BlobOutcome.Exists());
    assertThat(contentOf(get(blob("b")), first)).isEqualTo(new byte[] {1, 2, 3});
  }

  @Test
  void oneOfManyWritersWins() throws Exception {
    int writers = 6;
    for (int round = 0; round < 10; round++) {
      String path = "race/" + round;
      CyclicBarrier start = new CyclicBarrier(writers);
      List<Callable<BlobOutcome.Put>> tasks = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        byte[] body = TestBlocks.body(writer, round, 50_000 + writer);
        tasks.add(() -> {
          start.await();
          return put(path, NO_METADATA, body);
        });
      }
      List<BlobOutcome.Put> outcomes = runAll(tasks);
      assertThat(outcomes)
          .containsOnlyOnce(new BlobOutcome.Created())
          .allMatch(o -> o instanceof BlobOutcome.Created || o instanceof BlobOutcome.Exists);
      int winner = outcomes.indexOf(new BlobOutcome.Created());
      assertThat(contentOf(get(blob(path)), NO_METADATA))
          .isEqualTo(TestBlocks.body(winner, round, 50_000 + winner));
    }
  }

  @Test
  void replacesWhateverIsThere() {
    assertThat(replace("digest", Map.of("version", "1"), new byte[] {1}))
        .isEqualTo(new BlobOutcome.Created());
    assertThat(replace("digest", Map.of("version", "2"), new byte[] {2, 2}))
        .isEqualTo(new BlobOutcome.Created());
    assertThat(contentOf(get(blob("digest")), Map.of("version", "2"))).isEqualTo(new byte[] {2, 2});
  }

  @Test
  void fetchesARange() {
    byte[] body = TestBlocks.body(1, 1, 200_000);
    put("b", Map.of("k", "v"), body);
    for (int[] range : new int[][] {{0, 1}, {0, 200_000}, {70_001, 65_537}, {199_999, 1}}) {
      BlobOutcome.Get got =
          store.getRange(blob("b"), range[0], range[1], this::place, TIMEOUT_MILLIS);
      assertThat(contentOf(got, Map.of("k", "v")))
          .isEqualTo(Arrays.copyOfRange(body, range[0], range[0] + range[1]));
    }
  }

  @Test
  void refusesARangeBeyondTheEnd() {
    put("b", NO_METADATA, new byte[10]);
    for (int[] range : new int[][] {{10, 1}, {5, 6}, {1_000, 1}}) {
      assertThat(store.getRange(blob("b"), range[0], range[1], this::place, TIMEOUT_MILLIS))
          .isInstanceOfSatisfying(
              BlobOutcome.Failed.class,
              failed -> assertThat(failed.failure().kind()).isEqualTo(BlobFailure.Kind.REFUSED));
    }
  }

  @Test
  void takesNoBytesWhenTheSinkDeclines() {
    put("b", Map.of("k", "v"), new byte[3_000_000]);
    for (int i = 0; i < 5; i++) {
      assertThat(store.get(blob("b"), (metadata, length) -> null, TIMEOUT_MILLIS))
          .isEqualTo(new BlobOutcome.Declined(Map.of("k", "v"), 3_000_000));
    }
    assertThat(contentOf(get(blob("b")), Map.of("k", "v"))).hasSize(3_000_000);
  }

  @Test
  void fillsNoMoreThanTheBlobsLength() {
    byte[] body = TestBlocks.body(3, 1, 1_000);
    put("b", NO_METADATA, body);
    BlobOutcome.Get got =
        store.get(
            blob("b"),
            (metadata, length) -> {
              Lease lease = Objects.requireNonNull(memory.allocate(length + 100));
              lease.segment().fill((byte) 7);
              return lease;
            },
            TIMEOUT_MILLIS);
    BlobOutcome.Fetched fetched = (BlobOutcome.Fetched) got;
    try (Lease lease = fetched.body()) {
      assertThat(fetched.length()).isEqualTo(1_000);
      assertThat(lease.segment().asSlice(0, 1_000).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(body);
      assertThat(lease.segment().asSlice(1_000).toArray(ValueLayout.JAVA_BYTE))
          .containsOnly((byte) 7);
    }
  }

  @Test
  void deletesForGoodAndTakesThePathAgain() {
    put("b", NO_METADATA, new byte[] {1});
    assertThat(store.delete(blob("b"), TIMEOUT_MILLIS)).isEqualTo(new BlobOutcome.Deleted());
    assertThat(get(blob("b"))).isEqualTo(new BlobOutcome.NotThere());
    assertThat(put("b", NO_METADATA, new byte[] {2})).isEqualTo(new BlobOutcome.Created());
    assertThat(contentOf(get(blob("b")), NO_METADATA)).isEqualTo(new byte[] {2});
  }

  @Test
  void listsByPrefixInOrder() {
    List<String> paths =
        IntStream.range(0, 25).mapToObj(i -> "in/%02d".formatted((i * 7) % 25)).toList();
    paths.forEach(path -> put(path, NO_METADATA, new byte[] {1}));
    put("in2/x", NO_METADATA, new byte[] {1});
    put("i", NO_METADATA, new byte[] {1});
    assertThat(listed("in/")).containsExactlyElementsOf(paths.stream().sorted().toList());
    assertThat(listed("")).hasSize(27);
    assertThat(listed("in/03")).containsExactly("in/03");
    assertThat(listed("none/")).isEmpty();
  }

  @Test
  void listingEndsWithItsVisitor() {
    for (int i = 0; i < 5; i++) {
      put("b" + i, NO_METADATA, new byte[] {1});
    }
    List<String> seen = new ArrayList<>();
    assertThat(
            store.list(
                container,
                "",
                path -> {
                  seen.add(path);
                  return seen.size() < 2;
                },
                TIMEOUT_MILLIS))
        .isTrue();
    assertThat(seen).containsExactly("b0", "b1");
    IllegalStateException enough = new IllegalStateException("enough");
    assertThatThrownBy(() ->
            store.list(
                container,
                "",
                path -> {
                  throw enough;
                },
                TIMEOUT_MILLIS))
        .isSameAs(enough);
  }

  @Test
  void containersAreApart() throws IOException {
    BlobContainer other = newContainer();
    put("b", NO_METADATA, new byte[] {1});
    BlobName twin = new BlobName(other, "b");
    assertThat(store.head(twin, TIMEOUT_MILLIS)).isEqualTo(new BlobOutcome.NotThere());
    assertThat(store.delete(twin, TIMEOUT_MILLIS)).isEqualTo(new BlobOutcome.Deleted());
    assertThat(contentOf(get(blob("b")), NO_METADATA)).isEqualTo(new byte[] {1});
  }

  @Test
  void anUnreachableStoreIsAnOutcome() throws IOException {
    try (BlobStore unreachable = openUnreachable()) {
      assertUnavailable(unreachable.get(blob("b"), this::place, TIMEOUT_MILLIS));
      assertUnavailable(unreachable.head(blob("b"), TIMEOUT_MILLIS));
      assertUnavailable(unreachable.delete(blob("b"), TIMEOUT_MILLIS));
      try (Lease body = filled(new byte[] {1})) {
        MemorySegment segment = body.segment();
        assertUnavailable(unreachable.put(blob("b"), NO_METADATA, segment, TIMEOUT_MILLIS));
        assertUnavailable(unreachable.replace(blob("b"), NO_METADATA, segment, TIMEOUT_MILLIS));
      }
      assertThat(unreachable.list(container, "", path -> true, TIMEOUT_MILLIS)).isFalse();
    }
  }

  @Test
  void answersWithOutcomesOnceClosed() {
    put("b", NO_METADATA, new byte[] {1});
    store.close();
    store.close();
    assertThat(get(blob("b"))).isInstanceOf(BlobOutcome.Failed.class);
    assertThat(put("c", NO_METADATA, new byte[] {1})).isInstanceOf(BlobOutcome.Failed.class);
    assertThat(store.head(blob("b"), TIMEOUT_MILLIS)).isInstanceOf(BlobOutcome.Failed.class);
    assertThat(store.list(container, "", path -> true, TIMEOUT_MILLIS)).isFalse();
  }

  protected final BlobStore store() {
    return store;
  }

  protected final BlobName blob(String path) {
    return new BlobName(container, path);
  }

  protected final BlobOutcome.Put put(String path, Map<String, String> metadata, byte[] body) {
    try (Lease lease = filled(body)) {
      return store.put(
          blob(path), metadata, lease.segment().asSlice(0, body.length), TIMEOUT_MILLIS);
    }
  }

  protected final BlobOutcome.Get get(BlobName blob) {
    return store.get(blob, this::place, TIMEOUT_MILLIS);
  }

  /** Asserts that it was fetched with that metadata, and closes it. */
  protected static byte[] contentOf(BlobOutcome.Get outcome, Map<String, String> metadata) {
    assertThat(outcome).isInstanceOf(BlobOutcome.Fetched.class);
    BlobOutcome.Fetched fetched = (BlobOutcome.Fetched) outcome;
    try (Lease body = fetched.body()) {
      assertThat(fetched.metadata()).isEqualTo(metadata);
      return body.segment().asSlice(0, fetched.length()).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private BlobOutcome.Put replace(String path, Map<String, String> metadata, byte[] body) {
    try (Lease lease = filled(body)) {
      return store.replace(
          blob(path), metadata, lease.segment().asSlice(0, body.length), TIMEOUT_MILLIS);
    }
  }

  private Lease place(Map<String, String> metadata, long length) {
    return Objects.requireNonNull(memory.allocate(Math.max(1, length)), "test memory full");
  }

  private Lease filled(byte[] body) {
    Lease lease = place(NO_METADATA, body.length);
    MemorySegment.copy(MemorySegment.ofArray(body), 0, lease.segment(), 0, body.length);
    return lease;
  }

  private List<String> listed(String prefix) {
    List<String> paths = new ArrayList<>();
    assertThat(
            store.list(
                container,
                prefix,
                path -> {
                  paths.add(path);
                  return true;
                },
                TIMEOUT_MILLIS))
        .isTrue();
    return paths;
  }

  private static void assertUnavailable(BlobOutcome outcome) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            BlobOutcome.Failed.class,
            failed -> assertThat(failed.failure().kind()).isEqualTo(BlobFailure.Kind.UNAVAILABLE));
  }

  private static <T> List<T> runAll(List<Callable<T>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(tasks)) {
        results.add(future.get());
      }
      return results;
    }
  }
}
