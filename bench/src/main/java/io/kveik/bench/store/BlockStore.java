package io.kveik.bench.store;

import java.io.IOException;

/** A store as one process sees it: makes connections, which may share what they know. */
public interface BlockStore extends AutoCloseable {
  /** One more connection. Thread-safe. */
  StoreConnection connect() throws IOException;

  /** Ends what is shared; the connections are closed before it. */
  @Override
  default void close() {}
}
