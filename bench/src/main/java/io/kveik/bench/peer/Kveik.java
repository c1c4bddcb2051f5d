package io.kveik.bench.peer;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.endpoint.Target;
import io.kveik.bench.store.Protocol;
import io.kveik.bench.store.StoreAddress;
import java.util.Optional;

/**
 * The server that is to be measured.
 *
 * @param target the server; closed with this
 * @param protocol what to speak to it
 */
public record Kveik(Target target, Protocol protocol) implements Contender {
  /** Its name in reports. */
  public static final String NAME = "kveik";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Role role() {
    return Role.SUBJECT;
  }

  @Override
  public String description() {
    return target.description();
  }

  @Override
  public StoreAddress address() {
    return new StoreAddress(protocol, target.address());
  }

  @Override
  public Optional<ProcessFigures> figures() {
    return target.figures();
  }

  @Override
  public void close() {
    target.close();
  }
}
