package io.kveik.bench.jmh;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.BlockIndex;
import io.kveik.server.cache.BlockView;
import io.kveik.server.cache.Prefix;
import io.kveik.server.cache.eviction.LeafFirstLru;
import io.kveik.server.memory.RecordMemory;
import io.kveik.server.runtime.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** An index full of chains of 1,000 blocks, all of them in the first tier or in two. */
@State(Scope.Benchmark)
public class FilledIndex {
  static final int CHAIN_BLOCKS = 1_000;
  private static final long PAGE_BYTES = 4_096;
  private static final int GHOSTS = 262_144;
  private static final Fingerprint NAMESPACE = new Fingerprint(mix(11), mix(12), mix(13), mix(14));

  @Param("10000000")
  int blocks;

  @Param("1")
  int tiers;

  @Param("true")
  boolean hugePages;

  BlockIndex index = new BlockIndex(1, LeafFirstLru::new, GHOSTS, Clock.system());

  /** The next block to come in; its predecessors came in order. */
  final AtomicLong next = new AtomicLong();

  @Setup(Level.Trial)
  public void fill() throws IOException {
    index.close();
    long before = residentBytes();
    index =
        new BlockIndex(
            tiers,
            LeafFirstLru::new,
            GHOSTS,
            Clock.system(),
            hugePages ? RecordMemory.openWithHugePages() : RecordMemory.open());
    long startNanos = System.nanoTime();
    while (next.get() < blocks) {
      enterNext();
    }
    long nanos = System.nanoTime() - startNanos;
    System.out.printf(
        "%n# index: %,d blocks in %d tiers, bytes a block: %.1f used, %.1f resident; %.0f ns to enter%n",
        blocks,
        tiers,
        (double) index.usedBytes() / blocks,
        (double) (residentBytes() - before) / blocks,
        (double) nanos / blocks);
  }

  @TearDown(Level.Trial)
  public void close() {
    index.close();
  }

  void enterNext() {
    BlockHeader header = header(next.get());
    for (int tier = 0; tier < tiers; tier++) {
      index.enter(header, tier, false);
    }
    // After it is in: a reader that sees the number finds the block.
    next.incrementAndGet();
  }

  /** Evicts a block from the first tier and enters the next one; one thread at a time. */
  @Nullable BlockRef churn() {
    BlockRef victim = index.eviction().evict(0);
    enterNext();
    return victim;
  }

  /** The blocks of a chain, found one by one. */
  Prefix find(long chain, BlockView view) {
    Prefix prefix = new Prefix();
    for (int i = 0; i < CHAIN_BLOCKS; i++) {
      if (!index.finder().find(key(chain * CHAIN_BLOCKS + i), view)) {
        throw new IllegalStateException("chain " + chain + " has no block " + i);
      }
      prefix.add(view);
    }
    return prefix;
  }

  static BlockKey key(long block) {
    return new BlockKey(mix(2 * block), mix(2 * block + 1), block, ~block);
  }

  /** A key that no block has. */
  static BlockKey absent(long number) {
    return new BlockKey(mix(-2 * number - 1), mix(-2 * number - 2), number, ~number);
  }

  /** Spreads numbers over all 64 bits, as a hash does; one to one. */
  static long mix(long number) {
    long mixed = (number + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 30) * 0x94D049BB133111EBL;
    return mixed ^ mixed >>> 31;
  }

  private static BlockHeader header(long block) {
    int depth = (int) (block % CHAIN_BLOCKS);
    long parentLabel = depth == 0 ? 0 : mix(block - 1);
    return new BlockHeader(
        key(block), NAMESPACE, mix(block), parentLabel, depth, 128, 600, 1 << 20, 0, 0, 0, 0, 0);
  }

  private static long residentBytes() throws IOException {
    String[] figures = Files.readString(Path.of("/proc/self/statm")).split(" ", -1);
    return Long.parseLong(figures[1]) * PAGE_BYTES;
  }
}
