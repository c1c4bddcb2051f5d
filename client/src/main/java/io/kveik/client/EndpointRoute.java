package io.kveik.client;

import io.kveik.client.data.BlockTransport;
import io.kveik.client.data.FallbackTransport;
import io.kveik.client.data.TransportException;
import io.kveik.client.data.TransportKind;
import io.kveik.wire.nativev1.Endpoint;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way over an endpoint that the server offers; follows it when the server moves. Any thread.
 */
final class EndpointRoute implements FallbackTransport.Route {
  private final TransportKind kind;
  private final NamespaceSession session;
  private final TransportFactory factory;

  // Guarded by this.
  private @Nullable Endpoint endpoint;
  private @Nullable BlockTransport transport;
  private boolean closed;

  EndpointRoute(TransportKind kind, NamespaceSession session, TransportFactory factory) {
    this.kind = kind;
    this.session = session;
    this.factory = factory;
  }

  @Override
  public TransportKind kind() {
    return kind;
  }

  @Override
  public Optional<BlockTransport> transport(Duration limit) throws TransportException {
    Optional<Endpoint> offered =
        session.endpoints(limit).stream()
            .filter(one -> TransportFactory.kind(one).filter(kind::equals).isPresent())
            .findFirst();
    return offered.isPresent() ? at(offered.get()) : Optional.empty();
  }

  private synchronized Optional<BlockTransport> at(Endpoint offered) throws TransportException {
    if (closed) {
      throw new TransportException(TransportException.Code.CLOSED, "the transport is closed");
    }
    if (transport == null || !offered.equals(endpoint)) {
      if (transport != null) {
        transport.close();
      }
      transport = factory.open(offered, session).orElse(null);
      endpoint = offered;
    }
    return Optional.ofNullable(transport);
  }

  @Override
  public synchronized boolean matches() {
    return endpoint != null && endpoint.getMatch();
  }

  @Override
  public void failed() {
    session.doubt();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (transport != null) {
      transport.close();
    }
  }
}
