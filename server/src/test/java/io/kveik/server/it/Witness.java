package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kveik.client.Block;
import io.kveik.client.BlockRef;
import io.kveik.client.BlockScope;
import io.kveik.client.KveikClient;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A good client beside the bad one. It stores a chain first, then writes, looks up and reads
 * without a pause until {@link #close}, which checks that all of that went well and that what was
 * stored first is still there, bit for bit.
 */
final class Witness implements AutoCloseable {
  private static final int KEPT_BLOCKS = 8;
  private static final int PAYLOAD_BYTES = 20_000;
  private static final int FRESH_SEQUENCES = 50;
  private static final BlockScope SCOPE = new BlockScope("witness", "kv", "model");

  private final KveikClient client;
  private final long[] kept = Blocks.tokens(-1, KEPT_BLOCKS);
  private final AtomicLong rounds = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread thread;
  private volatile boolean over;

  private Witness(KveikClient client) {
    this.client = client;
    for (int i = 0; i < KEPT_BLOCKS; i++) {
      client.write(SCOPE, Blocks.block(kept, i, Blocks.payload(i, PAYLOAD_BYTES)));
    }
    this.thread = Thread.ofPlatform().name("witness").start(this::run);
  }

  static Witness beside(RunningServer server) {
    return new Witness(server.client());
  }

  /** Waits until it has done all its calls once more. */
  void check() {
    long before = rounds.get();
    await()
        .atMost(5, TimeUnit.SECONDS)
        .until(() -> rounds.get() > before + 1 || failure.get() != null);
    assertThat(failure.get()).isNull();
  }

  @Override
  public void close() {
    try {
      check();
    } finally {
      over = true;
      join();
      client.close();
    }
    assertThat(failure.get()).isNull();
  }

  private void join() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!over) {
        long round = rounds.get();
        long[] fresh = Blocks.tokens(1_000 + round % FRESH_SEQUENCES, 1);
        byte[] payload = Blocks.payload(round % FRESH_SEQUENCES, PAYLOAD_BYTES);
        client.write(SCOPE, Blocks.block(fresh, 0, payload));
        assertReads(fresh, 0, payload);
        int i = (int) (round % KEPT_BLOCKS);
        assertReads(kept, i, Blocks.payload(i, PAYLOAD_BYTES));
        rounds.incrementAndGet();
      }
    } catch (RuntimeException | AssertionError e) {
      failure.set(e);
    }
  }

  private void assertReads(long[] tokens, int i, byte[] payload) {
    List<BlockRef> found = client.lookup(SCOPE, tokens).blocks();
    assertThat(found).hasSize(tokens.length / Blocks.BLOCK_TOKENS);
    try (Block block = client.read(SCOPE, found.get(i)).orElseThrow()) {
      assertThat(block.copyOf()).isEqualTo(payload);
    }
  }
}
