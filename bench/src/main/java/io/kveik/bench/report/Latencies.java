package io.kveik.bench.report;

import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Latencies per operation, to three digits, up to an hour. Recording is thread-safe and wait-free;
 * reading while others record gives a view of some moment.
 */
public final class Latencies {
  private static final long MAX_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final int DIGITS = 3;
  private static final List<String> COLUMNS =
      List.of("latency, microseconds", "count", "p50", "p90", "p99", "p99.9", "max");

  private final Map<Operation, Histogram> histograms = new EnumMap<>(Operation.class);

  /** Nothing recorded. */
  public Latencies() {
    for (Operation operation : Operation.values()) {
      histograms.put(operation, new ConcurrentHistogram(MAX_NANOS, DIGITS));
    }
  }

  /** Records how long an operation took that began at that {@link System#nanoTime()}. */
  public void recordSince(Operation operation, long startNanos) {
    record(operation, System.nanoTime() - startNanos);
  }

  /** Records how long an operation took. */
  public void record(Operation operation, long nanos) {
    of(operation).recordValue(Math.clamp(nanos, 0, MAX_NANOS));
  }

  /**
   * Records how long an operation took, and, where that is above the interval in which such calls
   * were to come, also what those would have taken that had to wait behind it.
   *
   * @param expectedIntervalNanos 0 for none
   */
  public void record(Operation operation, long nanos, long expectedIntervalNanos) {
    of(operation)
        .recordValueWithExpectedInterval(Math.clamp(nanos, 0, MAX_NANOS), expectedIntervalNanos);
  }

  /** Adds all that another one has recorded. */
  public void add(Latencies other) {
    histograms.forEach((operation, histogram) -> histogram.add(other.of(operation)));
  }

  /** All that was recorded, per operation that occurred: HdrHistogram's own compressed encoding. */
  public Map<Operation, byte[]> encode() {
    Map<Operation, byte[]> encoded = new EnumMap<>(Operation.class);
    histograms.forEach((operation, histogram) -> {
      if (histogram.getTotalCount() > 0) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        encoded.put(operation, Arrays.copyOf(buffer.array(), length));
      }
    });
    return encoded;
  }

  /**
   * Adds what {@link #encode} has written.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public void addEncoded(Map<Operation, byte[]> encoded) {
    encoded.forEach((operation, bytes) -> {
      try {
        of(operation).add(Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0));
      } catch (DataFormatException e) {
        throw new IllegalArgumentException("no histogram", e);
      }
    });
  }

  /** How many of an operation were recorded. */
  public long count(Operation operation) {
    return of(operation).getTotalCount();
  }

  /** The percentiles of every operation that occurred, for people. */
  public Table toTable() {
    Table table = new Table(COLUMNS);
    for (Operation operation : Operation.values()) {
      Histogram histogram = of(operation);
      if (histogram.getTotalCount() > 0) {
        table.row(
            operation.title(),
            "%,d".formatted(histogram.getTotalCount()),
            micros(histogram, 50),
            micros(histogram, 90),
            micros(histogram, 99),
            micros(histogram, 99.9),
            micros(histogram, 100));
      }
    }
    return table;
  }

  /** The percentiles of every operation that occurred, in microseconds. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    for (Operation operation : Operation.values()) {
      if (of(operation).getTotalCount() > 0) {
        json.add(operation.key(), toJson(operation));
      }
    }
    return json;
  }

  private JsonObject toJson(Operation operation) {
    JsonObject json = new JsonObject();
    json.addProperty("count", of(operation).getTotalCount());
    json.addProperty("mean", meanMicros(operation));
    json.addProperty("p50", percentileMicros(operation, 50));
    json.addProperty("p90", percentileMicros(operation, 90));
    json.addProperty("p99", percentileMicros(operation, 99));
    json.addProperty("p999", percentileMicros(operation, 99.9));
    json.addProperty("max", percentileMicros(operation, 100));
    return json;
  }

  /** A percentile of an operation, microseconds; 0 when it never occurred. */
  public double percentileMicros(Operation operation, double percentile) {
    return of(operation).getValueAtPercentile(percentile) / 1e3;
  }

  /** The mean of an operation, microseconds; 0 when it never occurred. */
  public double meanMicros(Operation operation) {
    return of(operation).getMean() / 1e3;
  }

  @SuppressWarnings("NullAway") // Every operation has a histogram from the start.
  private Histogram of(Operation operation) {
    return histograms.get(operation);
  }

  private static String micros(Histogram histogram, double percentile) {
    return "%,.0f".formatted(histogram.getValueAtPercentile(percentile) / 1e3);
  }
}
