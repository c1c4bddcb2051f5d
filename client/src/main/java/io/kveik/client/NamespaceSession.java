package io.kveik.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Deadline;
import io.kveik.client.data.TicketSource;
import io.kveik.client.data.TransportException;
import io.kveik.client.data.grpc.GrpcFailures;
import io.kveik.wire.nativev1.BlockStoreGrpc;
import io.kveik.wire.nativev1.Endpoint;
import io.kveik.wire.nativev1.Namespace;
import io.kveik.wire.nativev1.OpenSessionRequest;
import io.kveik.wire.nativev1.OpenSessionResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A namespace's session: the ticket for the faster transports, and where the server has them.
 * Opened when it is first needed, and again when the ticket is about to expire, when the server
 * refuses it, and when a transport has failed, since the server may have moved. Any thread; one of
 * them asks the server while the others wait.
 */
final class NamespaceSession implements TicketSource {
  /** A ticket is not used in the last fraction of its life. */
  private static final int MARGIN_FRACTION = 10;

  /**
   * What the server answered.
   *
   * @param number counts the sessions of this namespace, from 1
   */
  record Opened(OpenSessionResponse answer, long number, long staleAtNanos) {
    boolean isFresh() {
      return System.nanoTime() - staleAtNanos < 0;
    }
  }

  private final Channel channel;
  private final OpenSessionRequest request;
  private final Runnable reconnect;
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable Opened opened;
  private volatile boolean doubtful;

  /**
   * @param reconnect ends the channel's own pause between connections
   */
  NamespaceSession(Channel channel, Namespace namespace, Runnable reconnect) {
    this.channel = channel;
    this.request = OpenSessionRequest.newBuilder().setNamespace(namespace).build();
    this.reconnect = reconnect;
  }

  @Override
  public byte[] ticket(boolean refused, Duration limit) throws TransportException {
    Opened known = opened;
    Opened good = known != null && known.isFresh() && !refused ? known : reopen(known, limit);
    return good.answer().getTicket().toByteArray();
  }

  /** The ways that the server offers, best first. */
  List<Endpoint> endpoints(Duration limit) throws TransportException {
    Opened known = opened;
    Opened good = known != null && !doubtful ? known : reopen(known, limit);
    return good.answer().getEndpointsList();
  }

  /** The endpoints may not be what they were. */
  void doubt() {
    doubtful = true;
  }

  private Opened reopen(@Nullable Opened known, Duration limit) throws TransportException {
    Deadline deadline = Deadline.after(limit.toNanos(), TimeUnit.NANOSECONDS);
    try {
      if (!opening.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new TransportException(
            TransportException.Code.DEADLINE_EXCEEDED, "another thread still opens the session");
      }
      try {
        Opened now = opened;
        if (now != null && (known == null || now.number() > known.number())) {
          return now;
        }
        return open(deadline);
      } finally {
        opening.unlock();
      }
    } catch (CallFailedException e) {
      throw GrpcFailures.of("OpenSession", e.status());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransportException(
          TransportException.Code.INTERRUPTED, "interrupted while a session was opened", e);
    }
  }

  /** Asks the server for a new session. */
  Opened open(Deadline deadline) throws CallFailedException, InterruptedException {
    reconnect.run();
    OpenSessionResponse answer =
        UnaryCall.run(
            channel,
            BlockStoreGrpc.getOpenSessionMethod(),
            CallOptions.DEFAULT,
            deadline,
            request,
            _ -> {});
    long lifeNanos = TimeUnit.MILLISECONDS.toNanos(answer.getExpiresInMs());
    Opened before = opened;
    Opened now =
        new Opened(
            answer,
            before == null ? 1 : before.number() + 1,
            System.nanoTime() + lifeNanos - lifeNanos / MARGIN_FRACTION);
    doubtful = false;
    opened = now;
    return now;
  }
}
