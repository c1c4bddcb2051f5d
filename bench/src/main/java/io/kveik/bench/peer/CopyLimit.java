package io.kveik.bench.peer;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.store.Protocol;
import io.kveik.bench.store.StoreAddress;
import java.util.Optional;

/** The limit of memory: no server at all. */
record CopyLimit() implements Contender {
  @Override
  public String name() {
    return LimitKind.MEMCPY.key();
  }

  @Override
  public Role role() {
    return Role.LIMIT;
  }

  @Override
  public String description() {
    return "a copy within the client's process";
  }

  @Override
  public StoreAddress address() {
    return new StoreAddress(Protocol.COPY, "");
  }

  @Override
  public Optional<ProcessFigures> figures() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
