package io.kveik.bench.load;

import io.kveik.bench.store.StoreAddress;

/**
 * Clients in one process or several, which load one store at a time. One thread uses it; {@link
 * #live} is for any.
 *
 * <p>All calls return early when the run is to stop, and throw {@link LoadFailedException} when a
 * client failed for good.
 */
public interface LoadGenerator extends AutoCloseable {
  /** Connects every client to one more store, writes the working set there and finds it again. */
  void prepare(String store, StoreAddress address) throws LoadFailedException, InterruptedException;

  /**
   * Loads a store.
   *
   * @param store one that was prepared
   */
  Measurement run(String store, Point point, long millis)
      throws LoadFailedException, InterruptedException;

  /** What the call in progress has counted so far. */
  Counts live();

  /** Disconnects. */
  @Override
  void close();
}
