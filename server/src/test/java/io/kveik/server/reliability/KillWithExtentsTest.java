package io.kveik.server.reliability;

import static io.kveik.server.reliability.KilledStore.PATIENCE;
import static io.kveik.server.reliability.KilledStore.connect;
import static io.kveik.server.reliability.KilledStore.id;
import static io.kveik.server.reliability.KilledStore.namespace;
import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.client.AckLevel;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockSelector;
import io.kveik.client.ControlResult;
import io.kveik.client.KveikException;
import io.kveik.client.NamespaceClient;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.server.process.ServerProcess;
import io.kveik.server.tier.TestBlocks;
import io.kveik.server.tier.s3.S3TestServer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 while small blocks are stored together and deleted, in an S3 store that survives: what
 * was acknowledged at {@code shared} is there for the restarted server and for another one, what
 * was deleted stays deleted, nothing that comes back is wrong. {@code -Dkveik.extent.kills} sets
 * how often (4).
 */
class KillWithExtentsTest {
  private static final int KILLS = Integer.getInteger("kveik.extent.kills", 4);
  private static final int WRITERS = 4;
  private static final int BATCH = 16;
  private static final int DELETED_AT_ONCE = 8;
  private static final int MAX_BATCHES_BEFORE_KILL = 24;
  private static final int MAX_KILL_DELAY_MICROS = 30_000;
  private static final int MOST_BLOCKS_OF_A_WRITER = 100_000;
  private static final int LARGEST_PAYLOAD = 8 << 10;
  private static final int LOADED_AT_ONCE = 100;
  private static final int LOOKS_AGAIN = 5;
  private static final long POLL_NANOS = 5_000_000;

  @TempDir Path directory;

  private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();

  /** A deletion of them began: what became of it counts only when it was answered. */
  private final Set<Integer> doomed = ConcurrentHashMap.newKeySet();

  private final Set<Integer> deleted = ConcurrentHashMap.newKeySet();

  /** Of those, what this server's journal alone keeps from being read. */
  private final Set<Integer> owed = ConcurrentHashMap.newKeySet();

  private int found;

  @Test
  void nothingAcknowledgedIsLostNothingDeletedComesBackAndNothingIsWrong() throws Exception {
    SplittableRandom random = new SplittableRandom(TestBlocks.seed("KillWithExtentsTest"));
    Path data = directory.resolve("data");
    try (S3TestServer s3 = S3TestServer.start(directory)) {
      for (int round = 0; round < KILLS; round++) {
        try (ServerProcess server = start(s3, data)) {
          check(server, Set.of());
          workUntilKilled(server, round, random);
        }
      }
      try (ServerProcess server = start(s3, data)) {
        check(server, Set.of());
        assertThat(blocksInExtents(server)).isGreaterThan(acknowledged.size() / 2.0);
      }
      Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
      Files.copy(data.resolve("secret.key"), elsewhere.resolve("secret.key"));
      try (ServerProcess other = start(s3, elsewhere)) {
        check(other, owed);
      }
    }
    System.out.printf(
        "KillWithExtentsTest: %d kills, %d blocks acknowledged at shared, %d deleted, %d reads right%n",
        KILLS, acknowledged.size(), deleted.size(), found);
  }

  private ServerProcess start(S3TestServer s3, Path data) throws IOException {
    return ServerProcess.start(
        List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
        List.of(
            "--data-dir", data.toString(),
            "--dram-bytes", "32MiB",
            "--fs-bytes", "0",
            "--read-budget-millis", "30000",
            "--write-ack-wait-millis", "30000",
            "--object-store", "s3",
            "--object-extent-bytes", "256KiB",
            "--object-extent-wait-millis", "10",
            "--object-extent-refresh-millis", "500",
            "--s3-bucket", S3TestServer.BUCKET,
            "--s3-endpoint", s3.endpoint().toString(),
            "--s3-profile", S3TestServer.PROFILE,
            "--s3-credentials-file", S3TestServer.credentialsFile(directory).toString()),
        PATIENCE);
  }

  private void workUntilKilled(ServerProcess server, int round, SplittableRandom random)
      throws InterruptedException {
    CountDownLatch enough =
        new CountDownLatch(MAX_BATCHES_BEFORE_KILL / 4 + random.nextInt(MAX_BATCHES_BEFORE_KILL));
    List<Thread> threads = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      int first = (round * WRITERS + writer) * MOST_BLOCKS_OF_A_WRITER;
      threads.add(Thread.ofPlatform().start(() -> write(server, first, enough)));
    }
    SplittableRandom choice = random.split();
    CountDownLatch answered = new CountDownLatch(1);
    threads.add(Thread.ofPlatform().start(() -> deleteSome(server, choice, answered)));
    enough.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    // However slow the machine: a round in which nothing was deleted shows little.
    boolean deletedSome = answered.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    TimeUnit.MICROSECONDS.sleep(random.nextInt(MAX_KILL_DELAY_MICROS));
    server.kill();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(deletedSome).as("a deletion was answered before the kill").isTrue();
  }

  private void write(ServerProcess server, int first, CountDownLatch enough) {
    try (BlockClient client = connect(server);
        NamespaceClient blocks = client.open(namespace(0))) {
      for (int at = first; server.isAlive(); at += BATCH) {
        List<StoreItem> items = IntStream.range(at, at + BATCH).mapToObj(this::item).toList();
        List<StoreResult> results = blocks.store(items);
        for (int i = 0; i < BATCH; i++) {
          if (results.get(i).ack() == AckLevel.SHARED) {
            acknowledged.add(at + i);
          }
        }
        enough.countDown();
      }
    } catch (KveikException e) {
      // The server has been killed: what was acknowledged until then counts.
    }
  }

  private void deleteSome(ServerProcess server, SplittableRandom random, CountDownLatch answered) {
    try (BlockClient client = connect(server);
        NamespaceClient blocks = client.open(namespace(0))) {
      while (server.isAlive()) {
        Set<Integer> some = some(random);
        if (some.isEmpty()) {
          LockSupport.parkNanos(POLL_NANOS);
          continue;
        }
        doomed.addAll(some);
        ControlResult result =
            blocks
                .control()
                .withDeadline(PATIENCE)
                .delete(new BlockSelector.Ids(some.stream().map(KilledStore::id).toList()));
        deleted.addAll(some);
        answered.countDown();
        if (!result.owingTiers().isEmpty()) {
          owed.addAll(some);
        }
      }
    } catch (KveikException e) {
      // Killed: the blocks that it was about to delete may be there or not.
    }
  }

  /** A few that are there. */
  private Set<Integer> some(SplittableRandom random) {
    List<Integer> there = new ArrayList<>(acknowledged);
    there.removeAll(doomed);
    Set<Integer> some = new HashSet<>();
    for (int i = 0; i < DELETED_AT_ONCE && !there.isEmpty(); i++) {
      some.add(there.get(random.nextInt(there.size())));
    }
    return some;
  }

  private StoreItem item(int number) {
    StoreItem plain =
        StoreItem.of(id(number), new byte[0], 16, MemorySegment.ofArray(payload(number)));
    return new StoreItem(
        plain.id(),
        plain.parentId(),
        plain.tokenCount(),
        plain.metadata(),
        0,
        0,
        AckLevel.SHARED,
        plain.payload(),
        plain.payloadCrc32c());
  }

  /**
   * Reads all there should be and all there should not.
   *
   * @param excepted deleted blocks that this server need not know to be deleted
   */
  private void check(ServerProcess server, Set<Integer> excepted) throws InterruptedException {
    try (BlockClient client = connect(server);
        NamespaceClient blocks = client.open(namespace(0))) {
      Set<Integer> gone = new HashSet<>(deleted);
      gone.removeAll(excepted);
      // At once, while the server is still learning the extents, and once more when it has.
      assertThat(readable(blocks, gone)).as("deleted before, read at once").isEmpty();
      Set<Integer> missing = new HashSet<>(acknowledged);
      missing.removeAll(doomed);
      for (int look = 0; look < LOOKS_AGAIN && !missing.isEmpty(); look++) {
        // A miss is always legal, on a busy machine above all: lost is what stays missing.
        TimeUnit.SECONDS.sleep(look);
        missing.removeAll(readable(blocks, missing));
      }
      assertThat(missing).as("acknowledged and lost").isEmpty();
      assertThat(readable(blocks, gone)).as("deleted before, read later").isEmpty();
    }
  }

  /** Those that are served, their bytes checked. */
  private Set<Integer> readable(NamespaceClient blocks, Set<Integer> wanted) {
    Set<Integer> readable = new HashSet<>();
    List<Integer> numbers = List.copyOf(wanted);
    for (int from = 0; from < numbers.size(); from += LOADED_AT_ONCE) {
      List<Integer> some = numbers.subList(from, Math.min(from + LOADED_AT_ONCE, numbers.size()));
      byte[][] targets = new byte[some.size()][LARGEST_PAYLOAD];
      List<LoadItem> items =
          IntStream.range(0, some.size())
              .mapToObj(i -> LoadItem.whole(id(some.get(i)), MemorySegment.ofArray(targets[i])))
              .toList();
      List<LoadResult> results = blocks.load(items);
      for (int i = 0; i < some.size(); i++) {
        LoadResult result = results.get(i);
        assertThat(result.status()).isNotIn(LoadResult.Status.CORRUPT, LoadResult.Status.DAMAGED);
        if (result.found()) {
          assertThat(Arrays.copyOf(targets[i], result.bytes()))
              .as("block %d", some.get(i))
              .isEqualTo(payload(some.get(i)));
          readable.add(some.get(i));
          found++;
        }
      }
    }
    return readable;
  }

  private static byte[] payload(int number) {
    int length = new SplittableRandom(number).nextInt(1_000, LARGEST_PAYLOAD);
    return TestBlocks.body(number, 0, length);
  }

  private static double blocksInExtents(ServerProcess server) throws Exception {
    URI metrics = URI.create("http://127.0.0.1:" + server.adminPort().orElseThrow() + "/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofLines())
          .body()
          .filter(line -> line.startsWith("kveik_extent_blocks"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }
}
