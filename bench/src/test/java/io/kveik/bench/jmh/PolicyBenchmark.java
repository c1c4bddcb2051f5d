package io.kveik.bench.jmh;

import io.kveik.server.cache.eviction.BlockTraits;
import io.kveik.server.cache.eviction.EvictionPolicy;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.memory.RecordMemory;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Eviction policies with a million blocks, half of them free, and their ghosts: blocks are chosen
 * uniformly at random, the worst case for the caches of the processor. {@code -prof gc} tells what
 * is allocated.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseZGC", "-Xmx512m"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@State(Scope.Thread)
public class PolicyBenchmark {
  private static final int BLOCKS = 1_000_000;
  private static final int HELD = BLOCKS / 2;
  private static final int IDENTITIES = 8 * BLOCKS;
  private static final int OPERATIONS_PER_REQUEST = 64;

  /** Which policy. */
  @Param public PolicyKind kind = PolicyKind.DEFAULT;

  private final SplittableRandom random = new SplittableRandom(1);
  private final BlockTraits traits = new BlockTraits();
  private final long[] identities = new long[BLOCKS + 1];
  private final RecordMemory memory = RecordMemory.openWithHugePages();
  private EvictionPolicy policy = PolicyKind.LRU.apply(memory);
  private int operations;

  @Setup(Level.Trial)
  public void fill() {
    policy = kind.apply(memory);
    for (int id = 1; id <= BLOCKS; id++) {
      tick();
      insert(id);
      if (id <= HELD) {
        policy.held(id);
      }
    }
    for (int i = 0; i < 5 * BLOCKS; i++) {
      turnOver();
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    memory.close();
  }

  /** A block in the middle of a chain is used. */
  @Benchmark
  public void touchHeld() {
    tick();
    policy.touched(1 + random.nextInt(HELD));
  }

  /** A block at the end of a chain is used. */
  @Benchmark
  public void touchFree() {
    tick();
    policy.touched(HELD + 1 + random.nextInt(BLOCKS - HELD));
  }

  /** A block goes and another comes, a ghost or not, by how long the policy remembers. */
  @Benchmark
  public void turnOver() {
    tick();
    int id = policy.victim();
    policy.evicted(id, identities[id]);
    insert(id);
  }

  private void insert(int id) {
    identities[id] = (1 + random.nextLong(IDENTITIES)) * 0x9E3779B97F4A7C15L;
    traits.identity = identities[id];
    policy.inserted(id, traits);
  }

  private void tick() {
    operations++;
    if (operations % OPERATIONS_PER_REQUEST == 0) {
      policy.requested();
    }
  }
}
