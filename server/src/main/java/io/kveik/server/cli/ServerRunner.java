package io.kveik.server.cli;

import io.kveik.server.config.Configuration;
import java.io.IOException;
import java.io.PrintStream;
import java.util.OptionalInt;

/** Starts servers; the composition root gives it to the commands that need one. */
@FunctionalInterface
public interface ServerRunner {
  /** A server that serves. */
  interface Running extends AutoCloseable {
    int port();

    OptionalInt adminPort();

    /** Drains and stops. */
    @Override
    void close();
  }

  /**
   * @param console where the metrics line goes
   * @throws IOException when a port or a directory can't be had
   */
  Running start(Configuration config, PrintStream console) throws IOException;
}
