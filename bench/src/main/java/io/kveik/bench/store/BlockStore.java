package io.kveik.bench.store;

import java.io.IOException;

/** A store as one process sees it: makes connections, which may share what they know. */
public interface BlockStore extends AutoCloseable {
  /** One more connection. Thread-safe. */
  StoreConnection connect() throws IOException;

  /** Whether other processes see what is written; else each has to write all of it. */
  default boolean isShared() {
    return true;
  }

  /** Ends what is shared; the connections are closed before it. */
  @Override
  default void close() {}
}
