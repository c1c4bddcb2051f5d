package io.kveik.bench.fleet;

import io.kveik.bench.load.Point;
import io.kveik.bench.store.StoreAddress;
import org.jspecify.annotations.Nullable;

/**
 * Every further line to a worker.
 *
 * @param kind what to do
 * @param store with which store; empty for {@link Kind#STOP}
 * @param address where it is; of {@link Kind#CONNECT} only
 * @param point how hard to load it; of {@link Kind#RUN} only
 * @param millis how long; of {@link Kind#RUN} only
 */
record Order(
    Kind kind, String store, @Nullable StoreAddress address, @Nullable Point point, long millis) {
  /** What to do. Every kind but STOP is answered by one {@link Answer}. */
  enum Kind {
    CONNECT,
    STORE,
    LOCATE,
    RUN,
    /** End what is in progress early. */
    STOP
  }

  static Order connect(String store, StoreAddress address) {
    return new Order(Kind.CONNECT, store, address, null, 0);
  }

  static Order store(String store) {
    return new Order(Kind.STORE, store, null, null, 0);
  }

  static Order locate(String store) {
    return new Order(Kind.LOCATE, store, null, null, 0);
  }

  static Order run(String store, Point point, long millis) {
    return new Order(Kind.RUN, store, null, point, millis);
  }

  static Order stop() {
    return new Order(Kind.STOP, "", null, null, 0);
  }
}
