package io.kveik.bench.trace;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What is in a trace, one after the other, in the order of arrival. Not thread-safe. */
public interface RequestStream extends AutoCloseable {
  /**
   * What comes next, or null after the last.
   *
   * @throws IOException when the trace can't be read on
   */
  @Nullable TraceEvent next() throws IOException;

  @Override
  void close() throws IOException;
}
