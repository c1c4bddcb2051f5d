package io.kveik.bench.whatif;

import io.kveik.server.block.TurnEnd;
import java.util.Arrays;

/**
 * Why turns ended, each told after one of a trace's requests. Filled in the order of requests; then
 * any thread may ask.
 */
final class TurnEnds {
  /** Is told of one. */
  @FunctionalInterface
  interface Listener {
    /**
     * @param last the last block of the turn's chain
     */
    void ended(int last, TurnEnd end);
  }

  private int[] requests = new int[1 << 10];
  private int[] lasts = new int[1 << 10];
  private TurnEnd[] ends = new TurnEnd[1 << 10];
  private int size;

  /**
   * Adds one.
   *
   * @param request after which it is told; not below that of the one before
   * @param last the last block of the turn's chain
   */
  void add(int request, int last, TurnEnd end) {
    if (size == requests.length) {
      requests = Arrays.copyOf(requests, 2 * size);
      lasts = Arrays.copyOf(lasts, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
    }
    requests[size] = request;
    lasts[size] = last;
    ends[size] = end;
    size++;
  }

  /** Tells those that come after a request, in order. O(log n) and what there are. */
  void after(int request, Listener listener) {
    int found = Arrays.binarySearch(requests, 0, size, request);
    if (found < 0) {
      return;
    }
    int first = found;
    while (first > 0 && requests[first - 1] == request) {
      first--;
    }
    for (int i = first; i < size && requests[i] == request; i++) {
      listener.ended(lasts[i], ends[i]);
    }
  }
}
