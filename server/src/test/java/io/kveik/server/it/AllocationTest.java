package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.kveik.client.AckLevel;
import io.kveik.client.Block;
import io.kveik.client.BlockRef;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.client.KveikClient;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Read of a block leaves next to nothing on the server's heap, wherever the block lies. */
@Timeout(120)
final class AllocationTest {
  private static final int BLOCK_BYTES = 1_258_291;
  private static final int WARM_UP = 300;
  private static final int READS = 500;
  private static final long LIMIT_BYTES = 64 * 1024;

  /** All threads of the server: event loops, call workers, storage, timer. */
  private static final Pattern SERVER_THREADS =
      Pattern.compile("(multiThreadIoEventLoopGroup|call|storage|behind|timer|admin)\\b.*");

  @TempDir Path directory;

  @Test
  void heapPerReadIsSmall() throws Exception {
    try (RunningServer server = RunningServer.start(directory);
        KveikClient client = server.client()) {
      check(server, client, 1, "kveik_read_memory_hits_total", READS);
    }
  }

  /** DRAM holds six of the blocks that are read in turn, so nearly each read goes down. */
  @Test
  void heapPerReadFromNvmeIsSmall() throws Exception {
    try (RunningServer server =
            RunningServer.start(directory, "dram-bytes=8MiB", "nvme.bytes=256MiB", "fs-bytes=0");
        KveikClient client = server.client()) {
      // What is promoted may be in DRAM still when its turn comes again.
      check(server, client, 24, "kveik_read_lower_hits_total", READS * 9 / 10);
    }
  }

  private static void check(
      RunningServer server, KveikClient client, int blocks, String hits, int leastHits)
      throws Exception {
    long[] tokens = Blocks.tokens(1, blocks);
    long[] labels = ChainLabels.chain(tokens);
    for (int i = 0; i < blocks; i++) {
      // On disk before the next one comes, where there is a disk: none is lost for want of time.
      client.write(Blocks.SCOPE, block(tokens, labels, i));
    }
    List<BlockRef> refs = client.lookup(Blocks.SCOPE, tokens).blocks();
    assertThat(refs).hasSize(blocks);
    read(client, refs, WARM_UP);
    double before = server.metric(hits);
    long allocatedBefore = allocatedBytes();
    read(client, refs, READS);
    long perRead = (allocatedBytes() - allocatedBefore) / READS;
    assertThat(server.metric(hits) - before).isBetween((double) leastHits, (double) READS);
    System.out.printf("allocation: %d bytes of heap per read of %d%n", perRead, BLOCK_BYTES);
    assertThat(perRead).isBetween(1L, LIMIT_BYTES);
  }

  private static BlockWrite block(long[] tokens, long[] labels, int i) {
    return BlockWrite.builder(
            labels[i],
            i == 0 ? 0 : labels[i - 1],
            Arrays.copyOfRange(
                tokens, i * KveikClient.BLOCK_TOKENS, (i + 1) * KveikClient.BLOCK_TOKENS),
            ByteBuffer.wrap(Blocks.payload(i, BLOCK_BYTES)))
        .ackLevel(AckLevel.LOCAL)
        .build();
  }

  private static void read(KveikClient client, List<BlockRef> refs, int count) {
    for (int i = 0; i < count; i++) {
      BlockRef ref = refs.get(i % refs.size());
      try (Block block = client.read(Blocks.SCOPE, ref).orElseThrow()) {
        assertThat(block.length()).isEqualTo(BLOCK_BYTES);
      }
    }
  }

  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (ThreadInfo thread : threads.dumpAllThreads(false, false, 0)) {
      if (SERVER_THREADS.matcher(thread.getThreadName()).matches()) {
        sum += threads.getThreadAllocatedBytes(thread.getThreadId());
      }
    }
    return sum;
  }
}
