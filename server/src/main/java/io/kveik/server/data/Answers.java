package io.kveik.server.data;

import io.kveik.client.data.frame.BlockRange;
import io.kveik.client.data.frame.BlockStatus;
import io.kveik.client.data.frame.LoadBody;
import io.kveik.client.data.frame.MatchedBody;
import io.kveik.client.data.frame.StoredBody;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockId;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.runtime.Clock;
import io.kveik.server.session.BlockSession;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The answers that one connection owes: blocks in the order they were asked for where DRAM has
 * them, in the order they arrive from below where it has not, and only within the client's credit.
 *
 * <p>A block is leased when its turn has come and not before. It is given back when it does not fit
 * the credit: then it waits as a name, and is looked up again.
 *
 * <p>Guarded by the connection's sending lock, which is held while a frame is written. What comes
 * late is handed to {@code late} by whatever thread it comes on.
 */
final class Answers {
  /** One LOAD that has not been answered in full. */
  static final class Load {
    private final long requestId;
    private final LoadBody body;
    private final long bodyBytes;
    private final long deadlineNanos;
    private int unanswered;

    Load(long requestId, LoadBody body, long bodyBytes, long deadlineNanos) {
      this.requestId = requestId;
      this.body = body;
      this.bodyBytes = bodyBytes;
      this.deadlineNanos = deadlineNanos;
      this.unanswered = body.count();
    }

    boolean over() {
      return unanswered == 0;
    }
  }

  /** One block of a LOAD. */
  record Wanted(Load load, int index, BlockRange range) {}

  /** A block that had to be waited for, or why there is none. */
  record Arrival(Wanted wanted, Fetched fetched) {}

  /** What answers a request in one frame. */
  sealed interface Reply {
    record Stored(long requestId, StoredBody body) implements Reply {}

    /**
     * The chain was looked up, or why not.
     *
     * @param heapBytes of {@link DataParts#matchBytes}, given back once it is sent or never will be
     */
    record Matched(long requestId, MatchedBody body, long heapBytes) implements Reply {}
  }

  private final BlockSession session;
  private final Outbox out;
  private final Clock clock;
  private final int coldLimit;
  private final Allowance leasedBytes;
  private final Allowance requestBytes;
  private final Allowance matchBytes;
  private final DataCounters counters;
  private final BiConsumer<CompletableFuture<ReadOutcome>, Wanted> late;

  private final Map<Long, Load> loads = new HashMap<>();
  private final Deque<Load> unread = new ArrayDeque<>();
  private final Deque<Wanted> held = new ArrayDeque<>();
  private long creditBytes;
  private int cold;
  private int unreplied;

  /**
   * @param late gets what has to be waited for; {@link #settle} is called once it is there
   */
  Answers(
      BlockSession session,
      Outbox out,
      DataParts parts,
      BiConsumer<CompletableFuture<ReadOutcome>, Wanted> late) {
    this.session = session;
    this.out = out;
    this.clock = parts.clock();
    this.coldLimit = parts.options().limits().coldBlocks();
    this.leasedBytes = parts.leasedBytes();
    this.requestBytes = parts.requestBytes();
    this.matchBytes = parts.matchBytes();
    this.counters = parts.counters();
    this.late = late;
  }

  /** Requests that wait for their answers. */
  int outstanding() {
    return loads.size() + unreplied;
  }

  /** Takes over {@code bodyBytes} of the request allowance. */
  void load(long requestId, LoadBody body, long bodyBytes) {
    long deadlineNanos =
        body.deadlineMillis() == 0
            ? Long.MAX_VALUE
            : clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(body.deadlineMillis());
    Load load = new Load(requestId, body, bodyBytes, deadlineNanos);
    loads.put(requestId, load);
    unread.addLast(load);
    grant(body.creditBytes());
  }

  /** More than can be counted is as good as no bound. */
  void grant(long bytes) {
    long sum = creditBytes + bytes;
    creditBytes = sum < 0 ? Long.MAX_VALUE : sum;
  }

  /** No effect when the request has been answered. */
  void cancel(long requestId) throws IOException {
    Load load = loads.get(requestId);
    if (load != null) {
      out.allMissing(requestId, BlockStatus.CANCELLED);
      finish(load);
    }
  }

  /** A request has come that one {@link #reply} will answer. */
  void owed() {
    unreplied++;
  }

  void reply(Reply reply) throws IOException {
    unreplied--;
    switch (reply) {
      case Reply.Stored(long requestId, StoredBody body) -> out.stored(requestId, body);
      case Reply.Matched(long requestId, MatchedBody body, long heapBytes) -> {
        try {
          out.matched(requestId, body);
        } finally {
          matchBytes.giveBack(heapBytes);
        }
      }
    }
  }

  /** Sends all that DRAM has and credit allows. */
  void pump() throws IOException {
    while (creditBytes > 0 && cold < coldLimit) {
      Wanted wanted = next();
      if (wanted == null || !start(wanted)) {
        return;
      }
    }
  }

  /** A fetch from below is over; takes over what it brought. */
  void settle(Arrival arrived) throws IOException {
    cold--;
    answer(arrived.wanted(), arrived.fetched());
  }

  /** Gives back what waits; nothing more is sent. */
  void abandon() {
    loads.values().forEach(load -> requestBytes.giveBack(load.bodyBytes));
    loads.clear();
    unread.clear();
    held.clear();
    creditBytes = 0;
  }

  private @Nullable Wanted next() {
    Wanted waiting = held.pollFirst();
    if (waiting != null) {
      return waiting;
    }
    Load load;
    while ((load = unread.peekFirst()) != null) {
      if (!load.over() && load.body.hasNext()) {
        int index = load.body.position();
        return new Wanted(load, index, load.body.next());
      }
      unread.removeFirst();
    }
    return null;
  }

  /**
   * @return false when it has to wait for credit
   */
  private boolean start(Wanted wanted) throws IOException {
    Load load = wanted.load;
    if (load.over()) {
      return true;
    }
    if (load.deadlineNanos != Long.MAX_VALUE && clock.nanoTime() - load.deadlineNanos > 0) {
      return answer(wanted, new Fetched.Missing(BlockStatus.OVER_BUDGET));
    }
    CompletableFuture<ReadOutcome> outcome =
        session.load(BlockId.transfer(wanted.range.id())).toCompletableFuture();
    if (outcome.isDone()) {
      return answer(wanted, Fetched.transfer(outcome.join(), leasedBytes));
    }
    cold++;
    late.accept(outcome, wanted);
    return true;
  }

  /** Closes what was fetched in any case. */
  private boolean answer(Wanted wanted, Fetched fetched) throws IOException {
    try (fetched) {
      Load load = wanted.load;
      if (load.over()) {
        return true;
      }
      switch (fetched) {
        case Fetched.Missing(BlockStatus status) ->
            out.missing(load.requestId, wanted.index, status);
        case Fetched.Leased leased -> {
          if (!sendWithinCredit(wanted, leased)) {
            counters.creditStalls.increment();
            held.addFirst(wanted);
            return false;
          }
        }
      }
      if (--load.unanswered == 0) {
        finish(load);
      }
      return true;
    }
  }

  private boolean sendWithinCredit(Wanted wanted, Fetched.Leased leased) throws IOException {
    BlockRange range = wanted.range;
    BlockHeader header = leased.block().header();
    long requestId = wanted.load.requestId;
    int rest = header.payloadLength() - range.offset();
    int length = range.length() == 0 ? rest : range.length();
    if (rest <= 0 || length > rest) {
      out.unfit(requestId, wanted.index, BlockStatus.OUT_OF_RANGE, header);
    } else if (length > range.room()) {
      out.unfit(requestId, wanted.index, BlockStatus.NO_ROOM, header);
    } else if (length > creditBytes) {
      return false;
    } else {
      creditBytes -= length;
      out.block(requestId, wanted.index, leased.block(), range.offset(), length);
    }
    return true;
  }

  private void finish(Load load) {
    load.unanswered = 0;
    loads.remove(load.requestId);
    requestBytes.giveBack(load.bodyBytes);
  }
}
