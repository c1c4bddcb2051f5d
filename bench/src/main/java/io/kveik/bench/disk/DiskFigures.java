package io.kveik.bench.disk;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Medians over the rounds, and the time of a start over what was written.
 *
 * @param fresh writes to files that are new
 * @param again writes over what is there, as a tier that is full does
 */
public record DiskFigures(
    Writes fresh, Writes again, Reads reads, double openMillis, double listMillis) {
  /**
   * Bytes of payload a second.
   *
   * @param raw without a sync but the last
   * @param rawSynced each write durable before its thread goes on, syncs shared
   * @param tier each put durable when it returns
   * @param ratio of tier to raw
   * @param syncedRatio of tier to the raw writes that promise as much
   */
  public record Writes(
      double raw, double rawSynced, double tier, double ratio, double syncedRatio) {
    static Writes of(double raw, double rawSynced, double tier) {
      return new Writes(raw, rawSynced, tier, tier / raw, tier / rawSynced);
    }

    private static Writes median(List<Writes> rounds) {
      return new Writes(
          medianOf(rounds, Writes::raw),
          medianOf(rounds, Writes::rawSynced),
          medianOf(rounds, Writes::tier),
          medianOf(rounds, Writes::ratio),
          medianOf(rounds, Writes::syncedRatio));
    }
  }

  /**
   * Bytes of payload a second.
   *
   * @param ratio of tier to raw
   */
  public record Reads(double raw, double tier, double ratio) {
    static Reads of(double raw, double tier) {
      return new Reads(raw, tier, tier / raw);
    }

    private static Reads median(List<Reads> rounds) {
      return new Reads(
          medianOf(rounds, Reads::raw),
          medianOf(rounds, Reads::tier),
          medianOf(rounds, Reads::ratio));
    }
  }

  /**
   * The median of each figure. Ratios are of the same round each, so that a disk that is faster in
   * one round than in another moves them less than it moves the rates.
   */
  static DiskFigures median(List<DiskFigures> rounds) {
    return new DiskFigures(
        Writes.median(each(rounds, DiskFigures::fresh)),
        Writes.median(each(rounds, DiskFigures::again)),
        Reads.median(each(rounds, DiskFigures::reads)),
        medianOf(rounds, DiskFigures::openMillis),
        medianOf(rounds, DiskFigures::listMillis));
  }

  private static <T> List<T> each(List<DiskFigures> rounds, Function<DiskFigures, T> part) {
    return rounds.stream().map(part).toList();
  }

  private static <T> double medianOf(List<T> rounds, ToDoubleFunction<T> figure) {
    List<T> sorted = rounds.stream().sorted(Comparator.comparingDouble(figure)).toList();
    return figure.applyAsDouble(sorted.get(sorted.size() / 2));
  }
}
