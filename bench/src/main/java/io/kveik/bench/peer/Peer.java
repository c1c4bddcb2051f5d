package io.kveik.bench.peer;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.store.StoreAddress;
import java.util.Optional;

/**
 * Another store, as a child process that serves. Closing it ends the process.
 *
 * @param kind which store
 * @param process its server
 * @param address where it is
 */
record Peer(PeerKind kind, ChildProcess process, StoreAddress address) implements Contender {
  @Override
  public String name() {
    return kind.key();
  }

  @Override
  public Role role() {
    return Role.PEER;
  }

  @Override
  public String description() {
    return "%s at %s, a child process, no persistence".formatted(kind.title(), address.where());
  }

  @Override
  public Optional<ProcessFigures> figures() {
    return Optional.of(ProcessFigures.of(process.handle()));
  }

  @Override
  public void close() {
    process.close();
  }
}
