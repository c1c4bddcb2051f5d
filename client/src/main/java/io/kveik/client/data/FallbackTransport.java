package io.kveik.client.data;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The best of several transports, and the next best when it fails.
 *
 * <p>A call goes to the first route that is on offer and not in its back-off. What that has not
 * answered when it fails goes on, in the same call, to the next. A route that failed is left alone
 * for a time that doubles with each further failure; the last route always gets its chance. Until a
 * route has served once it gets a quarter of the time that a call has left, so that a port that a
 * firewall swallows leaves time for the others.
 *
 * <p>Any thread, many at a time.
 */
public final class FallbackTransport implements BlockTransport {
  /** One way to the server. Any thread. */
  public interface Route extends AutoCloseable {
    TransportKind kind();

    /**
     * The transport, opened where that has not been done; the same from call to call unless the
     * server has moved. It stays the route's.
     *
     * @param limit it is of no use after this time
     * @return empty when the server does not offer it, or it can't be had on this host
     */
    Optional<BlockTransport> transport(Duration limit) throws TransportException;

    /** Whether the server answers {@link BlockTransport#match} on the transport opened last. */
    default boolean matches() {
      return false;
    }

    /** A call over it has failed: what is known of the server may have changed. */
    void failed();

    @Override
    void close();
  }

  private interface Call<R> {
    R over(BlockTransport transport, Duration limit) throws TransportException;
  }

  private static final int UNPROVEN_SHARE = 4;

  private final List<Leg> legs;
  private final LongSupplier nanoTime;
  private volatile @Nullable TransportKind lastUsed;
  private volatile boolean closed;

  /**
   * @param routes at least one, the best first; closed with this
   * @param nanoTime a monotonic clock, for the back-offs
   * @param random spreads the back-offs of clients that failed together; safe to share
   */
  public FallbackTransport(
      List<? extends Route> routes, LongSupplier nanoTime, RandomGenerator random) {
    if (routes.isEmpty()) {
      throw new IllegalArgumentException("routes: none, must be at least one");
    }
    this.legs = routes.stream().map(route -> new Leg(route, random)).toList();
    this.nanoTime = nanoTime;
  }

  /** The kind that served last; empty before any did. */
  public Optional<TransportKind> lastUsed() {
    return Optional.ofNullable(lastUsed);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Items that a transport has answered before it failed are not loaded again.
   */
  @Override
  public List<LoadResult> load(List<LoadItem> items, Duration deadline) throws TransportException {
    if (items.isEmpty()) {
      return List.of();
    }
    LoadProgress progress = new LoadProgress(items);
    try {
      return run(deadline, progress::goOn);
    } catch (TransportException e) {
      throw e.withAnswered(progress.results());
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Blocks that a transport stored before it failed are said to be already present.
   */
  @Override
  public List<StoreResult> store(List<StoreItem> items, Duration deadline)
      throws TransportException {
    if (items.isEmpty()) {
      return List.of();
    }
    return run(deadline, (transport, limit) -> transport.store(items, limit));
  }

  /**
   * Has blocks read in the server's own memory, where it is on this host and lends it; see {@link
   * SameHostTransport#borrow}.
   *
   * @return one status for each id; no memory for those that have to be loaded, which are all where
   *     nothing is lent
   */
  public List<LoadResult.Status> borrow(List<byte[]> ids, Duration deadline, BlockReader reader) {
    for (Leg leg : legs) {
      if (leg.route.kind() != TransportKind.SAME_HOST || leg.rests(nanoTime.getAsLong())) {
        continue;
      }
      try {
        if (leg.open(deadline) instanceof SameHostTransport lender) {
          List<LoadResult.Status> statuses = lender.borrow(ids, deadline, reader);
          leg.served();
          lastUsed = TransportKind.SAME_HOST;
          return statuses;
        }
      } catch (TransportException e) {
        leg.failed(nanoTime.getAsLong(), false);
      }
    }
    return Collections.nCopies(ids.size(), LoadResult.Status.NO_MEMORY);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A failure is not told: gRPC is the way that is left.
   */
  @Override
  public Optional<byte[]> match(byte[] request, Duration deadline) {
    Deadline until = Deadline.after(deadline);
    for (Leg leg : legs) {
      if (closed || until.passed()) {
        break;
      }
      if (leg.route.kind() == TransportKind.GRPC || leg.rests(nanoTime.getAsLong())) {
        continue;
      }
      // Whatever comes of it, as much time as it may take is left for gRPC.
      Deadline part = Deadline.after(leg.limit(until).dividedBy(leg.proven ? 2 : 1));
      try {
        Optional<BlockTransport> transport = leg.route.transport(part.left());
        if (transport.isPresent() && leg.route.matches()) {
          Optional<byte[]> response = transport.get().match(request, part.left());
          if (response.isPresent()) {
            leg.served();
          }
          return response;
        }
      } catch (TransportException e) {
        if (e.code() == TransportException.Code.INTERRUPTED) {
          break;
        }
        leg.failed(nanoTime.getAsLong(), until.passed());
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    closed = true;
    legs.forEach(leg -> leg.route.close());
  }

  private <R> R run(Duration deadline, Call<R> call) throws TransportException {
    Deadline until = Deadline.after(deadline);
    TransportException failure = null;
    for (Leg leg : legs) {
      boolean last = leg == legs.getLast();
      if (!last && leg.rests(nanoTime.getAsLong())) {
        continue;
      }
      Deadline part = Deadline.after(last ? until.left() : leg.limit(until));
      try {
        R result = call.over(leg.open(part.left()), part.left());
        leg.served();
        lastUsed = leg.route.kind();
        return result;
      } catch (TransportException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
        if (e.code() == TransportException.Code.INTERRUPTED) {
          // Of one caller, and no fault of the route.
          break;
        }
        leg.failed(nanoTime.getAsLong(), until.passed());
        if (closed || until.passed()) {
          break;
        }
      }
    }
    if (closed) {
      throw new TransportException(
          TransportException.Code.CLOSED, "the transport is closed", failure);
    }
    if (failure == null) {
      throw new IllegalStateException("the last route was not tried");
    }
    if (failure.code() == TransportException.Code.UNAVAILABLE && until.passed()) {
      throw new TransportException(
          TransportException.Code.DEADLINE_EXCEEDED,
          "no time left after " + failure.getMessage(),
          failure);
    }
    throw failure;
  }

  /** A route and how it has fared. */
  private static final class Leg {
    private static final long FIRST_REST_NANOS = Duration.ofMillis(200).toNanos();
    private static final long MAX_REST_NANOS = Duration.ofSeconds(30).toNanos();

    private final Route route;
    private final RandomGenerator random;
    private volatile boolean proven;

    // Guarded by this.
    private long restNanos;
    private long restsUntilNanos;

    Leg(Route route, RandomGenerator random) {
      this.route = route;
      this.random = random;
    }

    BlockTransport open(Duration limit) throws TransportException {
      return route
          .transport(limit)
          .orElseThrow(() ->
              new TransportException(
                  TransportException.Code.UNAVAILABLE, route.kind() + " is not on offer here"));
    }

    /** How long a call over it may take that has other ways left. */
    Duration limit(Deadline until) {
      return proven ? until.left() : until.left().dividedBy(UNPROVEN_SHARE);
    }

    synchronized boolean rests(long nowNanos) {
      return restNanos > 0 && nowNanos - restsUntilNanos < 0;
    }

    void served() {
      if (!proven) {
        proven = true;
        synchronized (this) {
          restNanos = 0;
        }
      }
    }

    /**
     * @param late the caller's own time was over, which need not be the route's fault: it has to
     *     prove itself, but does not rest
     */
    void failed(long nowNanos, boolean late) {
      proven = false;
      if (late) {
        return;
      }
      synchronized (this) {
        if (rests(nowNanos)) {
          // Another call that was under way fails of the same cause.
          return;
        }
        restNanos = Math.clamp(2 * restNanos, FIRST_REST_NANOS, MAX_REST_NANOS);
        restsUntilNanos = nowNanos + restNanos - (long) (random.nextDouble() * (restNanos / 2.0));
      }
      route.failed();
    }
  }
}
