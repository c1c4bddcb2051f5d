package io.kveik.bench.jmh;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.cache.BlockView;
import io.kveik.server.cache.KeyWindow;
import io.kveik.server.cache.Prefix;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The index at ten million blocks, keys uniformly random: the worst case for every cache of the
 * processor. {@code -t 2} for two readers, {@code -prof gc} for what is allocated.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseZGC", "-Xmx512m"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class IndexBenchmark {
  private static final AtomicLong SEEDS = new AtomicLong(1);

  /** What each thread has for itself. */
  @State(Scope.Thread)
  public static class Reader {
    final SplittableRandom random = new SplittableRandom(SEEDS.getAndIncrement());
    final BlockView view = new BlockView();
    final KeyWindow window = new KeyWindow();
    @Nullable Prefix prefix;
  }

  @Benchmark
  public long hit(FilledIndex filled, Reader reader) {
    if (!filled
        .index
        .finder()
        .find(FilledIndex.key(reader.random.nextLong(filled.blocks)), reader.view)) {
      throw new IllegalStateException("a block that was entered is not found");
    }
    return reader.view.label();
  }

  @Benchmark
  public boolean miss(FilledIndex filled, Reader reader) {
    return filled
        .index
        .finder()
        .find(FilledIndex.absent(reader.random.nextLong(filled.blocks)), reader.view);
  }

  /** Hits of keys that are known ahead, as a native lookup has them; a block's share. */
  @Benchmark
  @OperationsPerInvocation(KeyWindow.CAPACITY)
  public long hitAhead(FilledIndex filled, Reader reader) {
    KeyWindow window = reader.window;
    window.clear();
    for (int i = 0; i < KeyWindow.CAPACITY; i++) {
      window.add(FilledIndex.key(reader.random.nextLong(filled.blocks)));
    }
    filled.index.finder().readAhead(window);
    long labels = 0;
    for (int i = 0; i < KeyWindow.CAPACITY; i++) {
      if (!filled.index.finder().find(window, i, reader.view)) {
        throw new IllegalStateException("a block that was entered is not found");
      }
      labels += reader.view.label();
    }
    return labels;
  }

  /** The key alone, to subtract. */
  @Benchmark
  public BlockKey keyAlone(FilledIndex filled, Reader reader) {
    return FilledIndex.key(reader.random.nextLong(filled.blocks));
  }

  /** Finds and touches a prefix of 1,000 blocks; a block's share. */
  @Benchmark
  @OperationsPerInvocation(FilledIndex.CHAIN_BLOCKS)
  public void findAndTouchPrefix(FilledIndex filled, Reader reader) {
    int chains = filled.blocks / FilledIndex.CHAIN_BLOCKS;
    Prefix prefix = filled.find(reader.random.nextLong(chains), reader.view);
    filled.index.touch(prefix, FilledIndex.CHAIN_BLOCKS);
  }

  /** Touches the same prefix again: what the lock is held for, caches warm; a block's share. */
  @Benchmark
  @OperationsPerInvocation(FilledIndex.CHAIN_BLOCKS)
  public void touchPrefix(FilledIndex filled, Reader reader) {
    Prefix prefix = reader.prefix;
    if (prefix == null) {
      prefix = filled.find(0, reader.view);
      reader.prefix = prefix;
    }
    filled.index.touch(prefix, FilledIndex.CHAIN_BLOCKS);
  }

  /** One block out, one in, at a constant number of blocks. */
  @Benchmark
  public @Nullable BlockRef evictAndEnter(FilledIndex filled) {
    return filled.churn();
  }

  @Benchmark
  @Group("churn")
  @GroupThreads(1)
  public boolean findWhileChurning(FilledIndex filled, Reader reader) {
    long block = filled.next.get() - 1 - reader.random.nextLong(filled.blocks);
    return filled.index.finder().find(FilledIndex.key(block), reader.view);
  }

  @Benchmark
  @Group("churn")
  @GroupThreads(1)
  public @Nullable BlockRef evictAndEnterWhileFound(FilledIndex filled) {
    return filled.churn();
  }
}
