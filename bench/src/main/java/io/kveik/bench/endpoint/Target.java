package io.kveik.bench.endpoint;

import java.util.Optional;

/** The server that a run speaks to. Closing it stops a server that was started for the run. */
public sealed interface Target extends AutoCloseable permits RemoteTarget, OwnServer {
  /** The server, as "host:port". */
  String address();

  /** What it is, for people. */
  String description();

  /** What the server's process uses now; empty when it is not ours to look at. */
  Optional<ProcessFigures> figures();

  @Override
  void close();
}
