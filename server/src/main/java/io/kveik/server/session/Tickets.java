package io.kveik.server.session;

import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Randomness;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Short-lived proofs that a client may open connections of the data port for one session. Issued
 * over gRPC, which knows who asks; 256 random bits each, so they can't be guessed, and good for
 * several connections until they expire. Any thread.
 */
public final class Tickets {
  public static final int BYTES = 32;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private record Issued(Secret secret, BlockSession session, long expiresAtNanos) {}

  /** A ticket as a map key. */
  private record Secret(long w0, long w1, long w2, long w3) {
    static Secret of(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      return new Secret(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }
  }

  private final Clock clock;
  private final int limit;
  private final long lifeMillis;

  // Guarded by this; all tickets live equally long, so the queue is in order of expiry.
  private final Map<Secret, Issued> bySecret = new HashMap<>();
  private final Deque<Issued> byAge = new ArrayDeque<>();

  /**
   * @param limit tickets alive at a time; one more ends the oldest
   */
  public Tickets(int limit, long lifeMillis, Clock clock) {
    this.limit = limit;
    this.lifeMillis = lifeMillis;
    this.clock = clock;
  }

  public long lifeMillis() {
    return lifeMillis;
  }

  /** A fresh ticket for that session. */
  public byte[] issue(BlockSession session) {
    byte[] ticket = Randomness.secureBytes(BYTES);
    long now = clock.nanoTime();
    Issued issued = new Issued(Secret.of(ticket), session, now + lifeMillis * NANOS_PER_MILLI);
    synchronized (this) {
      dropExpired(now);
      if (byAge.size() == limit) {
        bySecret.remove(byAge.removeFirst().secret());
      }
      byAge.addLast(issued);
      bySecret.put(issued.secret(), issued);
    }
    return ticket;
  }

  /** The session of a ticket; empty when it is unknown, expired or not of {@link #BYTES}. */
  public synchronized Optional<BlockSession> redeem(byte[] ticket) {
    if (ticket.length != BYTES) {
      return Optional.empty();
    }
    dropExpired(clock.nanoTime());
    return Optional.ofNullable(bySecret.get(Secret.of(ticket))).map(Issued::session);
  }

  private void dropExpired(long nowNanos) {
    Issued oldest;
    while ((oldest = byAge.peekFirst()) != null && nowNanos - oldest.expiresAtNanos() >= 0) {
      bySecret.remove(byAge.removeFirst().secret());
    }
  }
}
