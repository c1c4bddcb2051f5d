package io.kveik.bench.capacity;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which of the operating points that keep the latency bounds to run a server at. */
public enum Profile {
  /** The most throughput at which reads take at most {@value #LOW_LATENCY_FACTOR} of the least. */
  LOW_LATENCY {
    @Override
    Optional<ServerPoint> choose(List<ServerPoint> points) {
      double least = points.stream().mapToDouble(ServerPoint::readP50Micros).min().orElse(0);
      return points.stream()
          .filter(point -> point.readP50Micros() <= LOW_LATENCY_FACTOR * least)
          .max(Comparator.comparingDouble(ServerPoint::tokensPerSecond));
    }
  },
  /** The most throughput for its latency: where tokens/s over the median of reads is highest. */
  BALANCED {
    @Override
    Optional<ServerPoint> choose(List<ServerPoint> points) {
      return points.stream()
          .max(
              Comparator.comparingDouble(
                  point -> point.tokensPerSecond() / Math.max(1, point.readP50Micros())));
    }
  },
  /** The least concurrency that has {@value #ENOUGH_THROUGHPUT} of the most throughput. */
  THROUGHPUT {
    @Override
    Optional<ServerPoint> choose(List<ServerPoint> points) {
      double most = points.stream().mapToDouble(ServerPoint::tokensPerSecond).max().orElse(0);
      return points.stream()
          .filter(point -> point.tokensPerSecond() >= ENOUGH_THROUGHPUT * most)
          .min(Comparator.comparingInt(ServerPoint::concurrency));
    }
  };

  private static final double LOW_LATENCY_FACTOR = 1.15;
  private static final double ENOUGH_THROUGHPUT = 0.98;

  /** The point to run at; empty of none. */
  abstract Optional<ServerPoint> choose(List<ServerPoint> points);

  /** Its name on the command line. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
