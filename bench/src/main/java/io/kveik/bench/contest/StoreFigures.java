package io.kveik.bench.contest;

import io.kveik.bench.peer.Contender;
import java.util.List;
import java.util.Optional;

/**
 * What one contender reached.
 *
 * @param name of it
 * @param role of it
 * @param description for people
 * @param points that were measured, in order
 */
public record StoreFigures(
    String name, Contender.Role role, String description, List<OperatingPoint> points) {
  /** The figures at a concurrency, when it was measured. */
  public Optional<OperatingPoint> at(int concurrency) {
    return points.stream().filter(p -> p.point().concurrency() == concurrency).findFirst();
  }
}
