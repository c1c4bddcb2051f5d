package io.kveik.bench.trace;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Plays the sessions of a {@link SyntheticTrace}: an event queue of who asks next. O(log n) a
 * request, n the sessions that are under way, besides copying its ids. Not thread-safe.
 */
final class SyntheticRequests implements RequestStream {
  private static final double PAUSE_SIGMA = 1;
  private static final double MILLIS_PER_SECOND = 1_000;

  private final SplittableRandom random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong((Event event) -> event.atMillis)
              .thenComparingLong(event -> event.order));
  private int left;
  private long nextId;
  private long lastOrder;

  SyntheticRequests(SyntheticTrace trace) {
    this.random = new SplittableRandom(trace.seed());
    this.left = trace.requests();
    for (SyntheticTrace.Arrivals arrivals : trace.kind().arrivals()) {
      Source source = new Source(arrivals, prompts(arrivals.shape()), ++lastOrder);
      source.atMillis = arrivals.fromMillis();
      source.schedule();
    }
  }

  @Override
  public @Nullable TraceRequest next() {
    while (left > 0) {
      Event event = events.remove();
      TraceRequest request = event.happen();
      if (request != null) {
        left--;
        return request;
      }
    }
    return null;
  }

  @Override
  public void close() {}

  private long[][] prompts(SessionShape shape) {
    long[][] prompts = new long[shape.prompts()][];
    for (int i = 0; i < prompts.length; i++) {
      prompts[i] = fresh(new long[0], 1 + random.nextInt(2 * shape.promptBlocks()));
    }
    return prompts;
  }

  private long[] fresh(long[] before, int more) {
    long[] ids = Arrays.copyOf(before, before.length + more);
    for (int i = before.length; i < ids.length; i++) {
      ids[i] = nextId++;
    }
    return ids;
  }

  /** A whole number from 1 of this mean, geometrically distributed; 0 for the mean 0. */
  private int geometric(double mean) {
    if (mean <= 1) {
      return mean == 0 ? 0 : 1;
    }
    double miss = Math.log1p(-1 / mean);
    return 1 + (int) Math.min(1e9, Math.log(1 - random.nextDouble()) / miss);
  }

  private long logNormal(double median, double sigma) {
    return Math.max(1, Math.round(median * Math.exp(sigma * random.nextGaussian())));
  }

  /** Something that happens at a time. */
  private abstract static class Event {
    long atMillis;
    final long order;

    Event(long order) {
      this.order = order;
    }

    abstract @Nullable TraceRequest happen();
  }

  /** Starts sessions. */
  private final class Source extends Event {
    private final SyntheticTrace.Arrivals arrivals;
    private final long[][] prompts;
    private final double[] popularity;

    Source(SyntheticTrace.Arrivals arrivals, long[][] prompts, long order) {
      super(order);
      this.arrivals = arrivals;
      this.prompts = prompts;
      this.popularity = new double[prompts.length];
      double sum = 0;
      for (int i = 0; i < popularity.length; i++) {
        sum += Math.pow(i + 1, -arrivals.shape().zipfExponent());
        popularity[i] = sum;
      }
    }

    void schedule() {
      double seconds = -Math.log(1 - random.nextDouble()) / arrivals.perSecond();
      atMillis += Math.round(seconds * MILLIS_PER_SECOND);
      if (atMillis < arrivals.toMillis()) {
        events.add(this);
      }
    }

    @Override
    @Nullable TraceRequest happen() {
      SessionShape shape = arrivals.shape();
      long[] start = prompts.length == 0 ? new long[0] : prompts[chosen()];
      Session session =
          new Session(
              shape,
              fresh(start, geometric(shape.firstBlocks())),
              geometric(shape.turns()),
              ++lastOrder);
      session.atMillis = atMillis;
      events.add(session);
      schedule();
      return null;
    }

    private int chosen() {
      double point = random.nextDouble() * popularity[popularity.length - 1];
      int place = Arrays.binarySearch(popularity, point);
      return place < 0 ? -place - 1 : place;
    }
  }

  /** Asks, turn by turn. */
  private final class Session extends Event {
    private final SessionShape shape;
    private long[] ids;
    private int turnsLeft;

    Session(SessionShape shape, long[] ids, int turns, long order) {
      super(order);
      this.shape = shape;
      this.ids = ids;
      this.turnsLeft = turns;
    }

    @Override
    TraceRequest happen() {
      TraceRequest request =
          new TraceRequest(atMillis, (long) ids.length * TraceRequest.TOKENS_PER_ID, ids);
      turnsLeft--;
      if (turnsLeft > 0) {
        ids = fresh(ids, geometric(shape.turnBlocks()));
        atMillis +=
            random.nextDouble() < shape.pauseShare()
                ? logNormal(shape.pauseMillis(), PAUSE_SIGMA)
                : logNormal(shape.gapMillis(), shape.gapSigma());
        events.add(this);
      }
      return request;
    }
  }
}
