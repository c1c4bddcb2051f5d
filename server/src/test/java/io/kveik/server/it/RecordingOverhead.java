package io.kveik.server.it;

import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.NamespaceClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What recording costs: Match of 1,000 blocks that are all there, one client, against a server that
 * records and one that does not, in turn. Prints the medians of {@value #ROUNDS} rounds each and
 * their ratio.
 */
final class RecordingOverhead {
  private static final int BLOCKS = 1_000;
  private static final int WARM_UP = 1_000;
  private static final int CALLS = 300;
  private static final int ROUNDS = 21;

  private RecordingOverhead() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("kveik-recording-");
    List<byte[]> ids = LongStream.range(0, BLOCKS).mapToObj(NativeBlocks::id).toList();
    try (RunningServer off = RunningServer.start(directory.resolve("off"), "fs-bytes=0");
        RunningServer on =
            RunningServer.start(
                directory.resolve("on"),
                "fs-bytes=0",
                "record.dir=" + directory.resolve("record"));
        BlockClient offClient = connect(off);
        BlockClient onClient = connect(on);
        NamespaceClient offBlocks = offClient.open(NativeBlocks.NAMESPACE);
        NamespaceClient onBlocks = onClient.open(NativeBlocks.NAMESPACE)) {
      for (NamespaceClient blocks : List.of(offBlocks, onBlocks)) {
        for (int i = 0; i < BLOCKS; i++) {
          blocks.store(List.of(NativeBlocks.store(i, 1_024)));
        }
        microsOfACall(blocks, ids, WARM_UP);
      }
      List<Double> offMicros = new ArrayList<>();
      List<Double> onMicros = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        offMicros.add(microsOfACall(offBlocks, ids, CALLS));
        onMicros.add(microsOfACall(onBlocks, ids, CALLS));
      }
      double without = median(offMicros);
      double with = median(onMicros);
      System.out.printf(
          "Match of %d blocks: %.0f µs, recording %.0f µs, ratio %.3f; recorded %.0f, dropped %.0f%n",
          BLOCKS,
          without,
          with,
          with / without,
          on.metric("kveik_record_requests_total"),
          on.metric("kveik_record_dropped_total"));
    }
  }

  private static BlockClient connect(RunningServer server) {
    return BlockClient.connect(BlockClientOptions.of("localhost:" + server.port()));
  }

  private static double microsOfACall(NamespaceClient blocks, List<byte[]> ids, int calls) {
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      if (blocks.match(ids).blocks() != BLOCKS) {
        throw new IllegalStateException("not all blocks are there");
      }
    }
    return (System.nanoTime() - start) / 1e3 / calls;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
