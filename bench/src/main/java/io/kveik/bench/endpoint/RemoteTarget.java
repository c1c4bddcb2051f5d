package io.kveik.bench.endpoint;

import java.util.Optional;

/**
 * A server that somebody else runs.
 *
 * @param address "host:port"
 */
public record RemoteTarget(String address) implements Target {
  @Override
  public String description() {
    return "the server at " + address;
  }

  @Override
  public Optional<ProcessFigures> figures() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
