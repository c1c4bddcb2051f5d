package io.kveik.bench.peer;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.endpoint.Target;
import io.kveik.bench.store.Protocol;
import io.kveik.bench.store.StoreAddress;
import java.util.Optional;

/**
 * A server of ours, over one transport.
 *
 * @param name in reports: {@link #NAME} for the one that is to be measured, else the transport's
 * @param role whether it is to be measured or compared with
 * @param target the server; closed with this
 * @param transport the transport's name, for people
 * @param protocol what to speak to it
 */
public record Kveik(String name, Role role, Target target, String transport, Protocol protocol)
    implements Contender {
  /** The name of the one that is to be measured. */
  public static final String NAME = "kveik";

  @Override
  public String description() {
    return "%s, over %s, payloads checked by the client".formatted(target.description(), transport);
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
