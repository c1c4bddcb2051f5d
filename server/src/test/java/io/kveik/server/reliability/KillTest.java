package io.kveik.server.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.client.AckLevel;
import io.kveik.client.Block;
import io.kveik.client.BlockRef;
import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.client.KveikException;
import io.kveik.client.LookupResult;
import io.kveik.server.process.ServerProcess;
import io.kveik.server.tier.TestBlocks;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at random points under write load: what was acknowledged at {@code shared} is there
 * afterwards, and nothing that comes back is wrong. {@code -Dkveik.kills} sets how often (50).
 */
class KillTest {
  private static final int LOOKS_AGAIN = 5;
  private static final int KILLS = Integer.getInteger("kveik.kills", 50);
  private static final int WRITERS = 4;
  private static final int CHAIN_BLOCKS = 8;
  private static final int PAYLOAD_BYTES = 64 * 1024;
  private static final int MAX_CHAINS_BEFORE_KILL = 30;

  @TempDir Path data;

  /** How many blocks of each chain were acknowledged at shared: blocks 0 to n-1. */
  private final ConcurrentHashMap<Long, Integer> acknowledged = new ConcurrentHashMap<>();

  /** Blocks that were missed and came to light when looked for again. */
  private int late;

  private final AtomicInteger wrongBytes = new AtomicInteger();
  private final AtomicInteger checked = new AtomicInteger();

  @Test
  void nothingAcknowledgedAtSharedIsLostAndNothingIsWrong() throws Exception {
    long seed = TestBlocks.seed("KillTest");
    SplittableRandom random = new SplittableRandom(seed);
    int lost = 0;
    for (int round = 0; round < KILLS; round++) {
      long firstChain = (long) round * 10_000;
      try (ServerProcess server = start()) {
        lost += missingOf(server, round == 0 ? List.of() : chainsOfRound(round - 1));
        int chainsBeforeKill = 1 + random.nextInt(MAX_CHAINS_BEFORE_KILL);
        long killDelayMicros = random.nextInt(20_000);
        writeUntilKilled(server, firstChain, chainsBeforeKill, killDelayMicros);
      }
    }
    try (ServerProcess server = start()) {
      lost += missingOf(server, acknowledged.keySet().stream().sorted().toList());
    }
    System.out.printf(
        "KillTest: %d kills, %d blocks acknowledged at shared, %d reads checked, %d late, %d lost, %d wrong%n",
        KILLS,
        acknowledged.values().stream().mapToInt(Integer::intValue).sum(),
        checked.get(),
        late,
        lost,
        wrongBytes.get());
    assertThat(acknowledged).isNotEmpty();
    assertThat(lost).as("lost blocks").isZero();
    assertThat(wrongBytes).as("wrong blocks").hasValue(0);
  }

  private ServerProcess start() throws Exception {
    return ServerProcess.start(
        List.of("-Xmx192m", "-XX:TieredStopAtLevel=1"),
        List.of("--data-dir", data.toString(), "--dram-bytes", "32MiB", "--fs-bytes", "8GiB"),
        Duration.ofSeconds(60));
  }

  private List<Long> chainsOfRound(int round) {
    return acknowledged.keySet().stream()
        .filter(chain -> chain / 10_000 == round)
        .sorted()
        .toList();
  }

  private void writeUntilKilled(
      ServerProcess server, long firstChain, int chainsBeforeKill, long killDelayMicros)
      throws InterruptedException {
    CountDownLatch enough = new CountDownLatch(chainsBeforeKill);
    List<Thread> writers = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      long own = firstChain + writer * 2_000L;
      writers.add(Thread.ofPlatform().start(() -> writeChains(server.target(), own, enough)));
    }
    enough.await(30, TimeUnit.SECONDS);
    TimeUnit.MICROSECONDS.sleep(killDelayMicros);
    server.kill();
    for (Thread writer : writers) {
      writer.join();
    }
  }

  private void writeChains(String target, long firstChain, CountDownLatch enough) {
    ClientOptions options =
        ClientOptions.builder(target).maxAttempts(1).writeDeadline(Duration.ofSeconds(10)).build();
    try (KveikClient client = KveikClient.connect(options)) {
      for (long chain = firstChain; chain < firstChain + 2_000; chain++) {
        long[] tokens = tokens(chain);
        long[] labels = ChainLabels.chain(tokens);
        for (int i = 0; i < CHAIN_BLOCKS; i++) {
          BlockWrite block =
              BlockWrite.builder(
                      labels[i],
                      i == 0 ? 0 : labels[i - 1],
                      Arrays.copyOfRange(tokens, i * 128, (i + 1) * 128),
                      MemorySegment.ofArray(payload(chain, i)))
                  .ackLevel(AckLevel.SHARED)
                  .build();
          if (client.write(scope(chain), block).ackLevel() == AckLevel.SHARED) {
            acknowledged.merge(chain, 1, Integer::sum);
          } else {
            // Not promised: what follows in this chain can't be counted on either.
            break;
          }
        }
        enough.countDown();
      }
    } catch (KveikException e) {
      // The server has been killed: what was acknowledged until then counts.
    }
  }

  /**
   * Blocks acknowledged but not found; wrong bytes are counted apart. A miss is always legal, on a
   * busy machine above all: lost is what stays missing.
   */
  private int missingOf(ServerProcess server, List<Long> chains) throws InterruptedException {
    int missing = countMissing(server, chains);
    for (int again = 0; missing > 0 && again < LOOKS_AGAIN; again++) {
      late += missing;
      TimeUnit.SECONDS.sleep(1);
      missing = countMissing(server, chains);
    }
    return missing;
  }

  private int countMissing(ServerProcess server, List<Long> chains) {
    int missing = 0;
    ClientOptions patient =
        ClientOptions.builder(server.target())
            .lookupDeadline(Duration.ofSeconds(30))
            .readDeadline(Duration.ofSeconds(30))
            .build();
    try (KveikClient client = KveikClient.connect(patient)) {
      for (long chain : chains) {
        int expected = acknowledged.getOrDefault(chain, 0);
        LookupResult found = client.lookup(scope(chain), tokens(chain));
        missing += Math.max(0, expected - found.cachedBlocks());
        List<BlockRef> blocks = found.blocks();
        for (int i = 0; i < blocks.size(); i++) {
          Optional<Block> read = client.read(scope(chain), blocks.get(i));
          if (read.isEmpty()) {
            missing += i < expected ? 1 : 0;
            continue;
          }
          try (Block block = read.get()) {
            checked.incrementAndGet();
            if (!Arrays.equals(block.copyOf(), payload(chain, i))) {
              wrongBytes.incrementAndGet();
            }
          }
        }
      }
      assertThat(client.corruptBlocks()).isZero();
    }
    return missing;
  }

  private static BlockScope scope(long chain) {
    return new BlockScope("tenant-" + chain % 3, "kv", "kill-test");
  }

  private static long[] tokens(long chain) {
    SplittableRandom random = new SplittableRandom(chain);
    long[] tokens = new long[CHAIN_BLOCKS * 128];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = random.nextInt(100_000);
    }
    return tokens;
  }

  private static byte[] payload(long chain, int block) {
    return TestBlocks.body(chain, block, PAYLOAD_BYTES);
  }
}
