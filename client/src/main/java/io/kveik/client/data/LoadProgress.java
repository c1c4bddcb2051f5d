package io.kveik.client.data;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A load that may take several transports: what has been answered, and what is left. One thread.
 */
final class LoadProgress {
  private final List<LoadItem> items;
  private final List<@Nullable LoadResult> results;

  LoadProgress(List<LoadItem> items) {
    this.items = items;
    this.results = new ArrayList<>(Collections.<@Nullable LoadResult>nCopies(items.size(), null));
  }

  /** What there is so far; null for items that are left. */
  List<@Nullable LoadResult> results() {
    return results;
  }

  /**
   * Loads what is left.
   *
   * @return a result for each item
   * @throws TransportException when the transport failed with items left
   */
  List<LoadResult> goOn(BlockTransport transport, Duration limit) throws TransportException {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      if (results.get(i) == null) {
        places.add(i);
      }
    }
    try {
      keep(places, transport.load(places.stream().map(items::get).toList(), limit));
    } catch (TransportException e) {
      keep(places, e.answered());
      if (results.contains(null)) {
        throw e;
      }
    }
    List<LoadResult> all = new ArrayList<>(items.size());
    for (LoadResult result : results) {
      if (result == null) {
        throw new TransportException(
            TransportException.Code.PROTOCOL, "the transport left an item out");
      }
      all.add(result);
    }
    return all;
  }

  private void keep(List<Integer> places, List<? extends @Nullable LoadResult> answered) {
    for (int i = 0; i < answered.size(); i++) {
      results.set(places.get(i), answered.get(i));
    }
  }
}
