package io.kveik.bench.replay;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.endpoint.DramSizing;
import io.kveik.bench.report.Latencies;
import java.time.Duration;

/** What a replay speaks to the server. */
public enum ReplayWire {
  /** The v1 gRPC service. */
  V1 {
    @Override
    ReplayStore connect(String address, ReplayPlan plan, ReplayTotals totals, Latencies latencies) {
      return V1ReplayStore.connect(address, plan, totals, latencies);
    }

    @Override
    public long extentBytes(int blockBytes, String partition) {
      return DramSizing.extentBytes(blockBytes, partition, BlockContent.WIDEST_TOKEN);
    }
  },
  /** The native service, blocks over the best transport on offer. */
  NATIVE {
    @Override
    ReplayStore connect(String address, ReplayPlan plan, ReplayTotals totals, Latencies latencies) {
      return NativeReplayStore.connect(address, plan, totals, latencies);
    }

    @Override
    public long extentBytes(int blockBytes, String partition) {
      return DramSizing.nativeExtentBytes(blockBytes);
    }
  };

  static final Duration LOOKUP_DEADLINE = Duration.ofSeconds(30);
  static final Duration READ_DEADLINE = Duration.ofMinutes(10);
  static final Duration WRITE_DEADLINE = Duration.ofSeconds(60);

  /** Connects one client. */
  abstract ReplayStore connect(
      String address, ReplayPlan plan, ReplayTotals totals, Latencies latencies);

  /**
   * What one block takes of a server's DRAM.
   *
   * @param blockBytes payload
   * @param partition where it is written
   */
  public abstract long extentBytes(int blockBytes, String partition);
}
