package io.kveik.server.telemetry;

import io.kveik.server.cache.EngineCounters;
import io.kveik.server.runtime.Clock;
import java.io.PrintStream;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * The metrics line on the console: what happened since the last one. Prints nothing when nothing
 * did. One thread.
 */
public final class ConsoleLine {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MIB = 1024 * 1024;

  private final RpcMeters meters;
  private final EngineCounters counters;
  private final Clock clock;
  private final PrintStream out;
  private final long[] requestsBefore = new long[Rpc.values().length];
  private double readBytesBefore;
  private double writeBytesBefore;
  private long lookupBlocksBefore;
  private long lookupHitsBefore;
  private long lastNanos;

  public ConsoleLine(RpcMeters meters, EngineCounters counters, Clock clock, PrintStream out) {
    this.meters = meters;
    this.counters = counters;
    this.clock = clock;
    this.out = out;
    this.lastNanos = clock.nanoTime();
  }

  public void print() {
    long now = clock.nanoTime();
    double seconds = (now - lastNanos) / NANOS_PER_SECOND;
    lastNanos = now;
    StringBuilder line = new StringBuilder();
    long requests = 0;
    int position = 0;
    for (Rpc rpc : Rpc.values()) {
      long total = meters.requests(rpc);
      long since = total - requestsBefore[position];
      requestsBefore[position++] = total;
      requests += since;
      Histogram latencies = meters.recent(rpc);
      if (since > 0) {
        line.append(
            String.format(
                Locale.ROOT,
                " | %s %.0f/s p50 %.2f p99 %.2f ms",
                rpc.label(),
                since / seconds,
                latencies.getValueAtPercentile(50) / NANOS_PER_MILLI,
                latencies.getValueAtPercentile(99) / NANOS_PER_MILLI));
      }
    }
    double readBytes = meters.payloadBytes(Rpc.READ) + meters.payloadBytes(Rpc.STREAMING_READ);
    double writeBytes = meters.payloadBytes(Rpc.WRITE);
    long lookupBlocks = counters.lookupBlocks.sum();
    long lookupHits = counters.lookupHits.sum();
    if (requests > 0) {
      long blocks = lookupBlocks - lookupBlocksBefore;
      out.printf(
          Locale.ROOT,
          "metrics %.0f req/s, read %.1f MiB/s, write %.1f MiB/s, prefix hits %s%s%n",
          requests / seconds,
          (readBytes - readBytesBefore) / MIB / seconds,
          (writeBytes - writeBytesBefore) / MIB / seconds,
          blocks == 0
              ? "-"
              : String.format(
                  Locale.ROOT, "%.1f %%", 100.0 * (lookupHits - lookupHitsBefore) / blocks),
          line);
    }
    readBytesBefore = readBytes;
    writeBytesBefore = writeBytes;
    lookupBlocksBefore = lookupBlocks;
    lookupHitsBefore = lookupHits;
  }
}
