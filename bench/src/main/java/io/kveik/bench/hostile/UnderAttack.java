package io.kveik.bench.hostile;

import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.peer.Contender;
import io.kveik.bench.store.StoreAddress;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The measured server once more, with {@link HostileClients} on all its ports while it is measured.
 * Beside the server in peace it shows what well-behaved clients lose. Belongs to one thread.
 */
public final class UnderAttack implements Contender {
  private final Contender server;
  private @Nullable HostileClients attackers;

  /**
   * @param server stays the caller's
   */
  public UnderAttack(Contender server) {
    this.server = server;
  }

  @Override
  public String name() {
    return server.name() + "-attacked";
  }

  @Override
  public Role role() {
    return Role.PEER;
  }

  @Override
  public String description() {
    return "the same server with hostile clients on all its ports";
  }

  @Override
  public StoreAddress address() {
    return server.address();
  }

  @Override
  public Optional<ProcessFigures> figures() {
    return server.figures();
  }

  @Override
  public void beginTurn() throws IOException, InterruptedException {
    attackers = HostileClients.attack(server.address().where());
  }

  @Override
  public void endTurn() {
    HostileClients current = attackers;
    if (current != null) {
      attackers = null;
      current.close();
    }
  }

  @Override
  public void close() {
    endTurn();
  }
}
