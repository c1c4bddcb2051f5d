package io.kveik.bench.contest;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Medians. Stateless. */
final class Median {
  private Median() {}

  /** The median of a value of each element: the mean of the middle two of an even number. */
  static <T> double of(List<T> elements, ToDoubleFunction<T> value) {
    double[] sorted = elements.stream().mapToDouble(value).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("the median of nothing");
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
