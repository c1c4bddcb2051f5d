package io.kveik.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.kveik.bench.load.Counts;
import io.kveik.bench.load.Measurement;
import io.kveik.bench.report.HeatMap;
import io.kveik.bench.report.Latencies;
import io.kveik.bench.report.Operation;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MeasurementJsonTest {
  private static final long SEED = 20_261_121;

  @Test
  void survivesTheWayThroughText() {
    Measurement measurement = measure(new Random(SEED), 10_000);
    Measurement read = throughText(measurement);
    assertThat(read.counts()).isEqualTo(measurement.counts());
    assertThat(read.elapsedNanos()).isEqualTo(measurement.elapsedNanos());
    assertThat(read.offered()).isEqualTo(measurement.offered());
    assertThat(read.latencies().toJson()).isEqualTo(measurement.latencies().toJson());
    assertThat(read.heat().toJson()).isEqualTo(measurement.heat().toJson());
    assertThat(read.heat().columnSeconds()).isEqualTo(measurement.heat().columnSeconds());
  }

  /** Two processes' measurements, merged, are what one process would have measured. */
  @Test
  void mergesLikeOne() {
    Random one = new Random(SEED);
    Random two = new Random(SEED);
    Measurement merged = throughText(measure(one, 1_000)).plus(throughText(measure(one, 5_000)));
    Measurement whole = measure(two, 6_000);
    assertThat(merged.latencies().toJson()).isEqualTo(whole.latencies().toJson());
    assertThat(merged.heat().toJson()).isEqualTo(whole.heat().toJson());
    assertThat(merged.counts().reads()).isEqualTo(6_000);
    assertThat(merged.offered()).isEqualTo(6_000);
  }

  private static Measurement throughText(Measurement measurement) {
    return MeasurementJson.read(
        JsonParser.parseString(MeasurementJson.write(measurement).toString()).getAsJsonObject());
  }

  private static Measurement measure(Random random, int reads) {
    Latencies latencies = new Latencies();
    HeatMap heat = new HeatMap(2);
    for (int i = 0; i < reads; i++) {
      long nanos = (long) Math.exp(random.nextDouble() * 20);
      long start = random.nextLong(20_000_000_000L);
      latencies.record(Operation.READ_BLOCK, nanos, 0);
      heat.record(Operation.READ_BLOCK, start, nanos);
    }
    Counts counts = new Counts(0, reads, 0, reads, 0, 0, 1, 0, 0, 2, 0, 3);
    return new Measurement(latencies, heat, counts, reads, reads);
  }
}
