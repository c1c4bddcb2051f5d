package io.kveik.bench.capacity;

import java.util.List;
import java.util.Optional;

/**
 * How many servers a load takes, each at an operating point that was measured: nothing is
 * interpolated. Stateless.
 */
public final class Capacity {
  /**
   * An answer.
   *
   * @param servers how many
   * @param point that each of them runs at
   * @param load of each, as a share of what it reached there
   */
  public record Plan(long servers, ServerPoint point, double load) {}

  private Capacity() {}

  /**
   * The servers for a load.
   *
   * @param points that were measured
   * @param profile which point to prefer; empty takes the one with the most throughput
   * @return empty when no point keeps the bounds, or none moved a token
   */
  public static Optional<Plan> plan(
      List<ServerPoint> points,
      double tokensPerSecond,
      LatencyBounds bounds,
      Optional<Profile> profile) {
    List<ServerPoint> kept =
        points.stream()
            .filter(point -> point.tokensPerSecond() > 0 && bounds.keptAt(point))
            .toList();
    Optional<ServerPoint> chosen =
        profile.isPresent()
            ? profile.get().choose(kept)
            : kept.stream().max((a, b) -> Double.compare(a.tokensPerSecond(), b.tokensPerSecond()));
    return chosen.map(point -> {
      long servers = Math.max(1, (long) Math.ceil(tokensPerSecond / point.tokensPerSecond()));
      return new Plan(servers, point, tokensPerSecond / (servers * point.tokensPerSecond()));
    });
  }
}
