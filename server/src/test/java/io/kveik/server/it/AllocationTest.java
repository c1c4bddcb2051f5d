package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.kveik.client.Block;
import io.kveik.client.BlockRef;
import io.kveik.client.KveikClient;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Read of a block in DRAM leaves next to nothing on the server's heap. */
@Timeout(30)
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
      long[] tokens = Blocks.tokens(1, 1);
      client.write(Blocks.SCOPE, Blocks.block(tokens, 0, Blocks.payload(1, BLOCK_BYTES)));
      BlockRef ref = client.lookup(Blocks.SCOPE, tokens).blocks().getFirst();
      read(client, ref, WARM_UP);
      double hits = server.metric("kveik_read_memory_hits_total");
      long before = allocatedBytes();
      read(client, ref, READS);
      long perRead = (allocatedBytes() - before) / READS;
      assertThat(server.metric("kveik_read_memory_hits_total") - hits).isEqualTo(READS);
      System.out.println("allocation: " + perRead + " bytes of heap per read of " + BLOCK_BYTES);
      assertThat(perRead).isBetween(1L, LIMIT_BYTES);
    }
  }

  private static void read(KveikClient client, BlockRef ref, int count) {
    for (int i = 0; i < count; i++) {
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
