package io.kveik.server.data;

import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameReader;
import io.kveik.client.data.frame.MatchBody;
import io.kveik.client.data.frame.MatchedBody;
import io.kveik.client.data.frame.MatchedStatus;
import io.kveik.server.session.BlockSession;
import io.kveik.server.session.Matcher;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Matches of one connection. The connection's reading thread only.
 *
 * <p>While a request is looked up it is some {@value #HEAP_TIMES} times as large on the heap as it
 * was on the wire (ids, their keys, what was found of each), and so it counts, until its answer is
 * sent.
 */
final class MatchRequests {
  static final int HEAP_TIMES = 8;

  private final FrameReader in;
  private final BlockSession session;
  private final Matcher matcher;
  private final int maxBlocks;
  private final Allowance matchBytes;
  private final DataCounters counters;

  MatchRequests(FrameReader in, BlockSession session, DataParts parts) {
    this.in = in;
    this.session = session;
    this.matcher = parts.matcher();
    this.maxBlocks = parts.options().session().maxIdsPerCall();
    this.matchBytes = parts.matchBytes();
    this.counters = parts.counters();
  }

  /** So many bytes, but no fewer than the longest request needs. */
  static long atLeastOne(long bytes, DataOptions options) {
    long longest = MatchBody.maxBytes(options.session().maxIdsPerCall());
    return Math.max(bytes, HEAP_TIMES * longest);
  }

  /** Most bytes of a MATCH's body. */
  int maxBytes() {
    return MatchBody.maxBytes(maxBlocks);
  }

  /**
   * Takes the rest of a MATCH from the socket and answers it.
   *
   * @param header its body is no longer than {@link #maxBytes()}
   */
  CompletionStage<Answers.Reply.Matched> receive(FrameHeader header) throws IOException {
    int bytes = header.bodyBytes();
    long requestId = header.requestId();
    long heapBytes = (long) HEAP_TIMES * bytes;
    counters.matches.increment();
    if (!matchBytes.tryTake(heapBytes)) {
      in.skip(bytes);
      MatchedBody busy = MatchedBody.without(MatchedStatus.BUSY, matchBytes.refusal(heapBytes));
      return CompletableFuture.completedFuture(new Answers.Reply.Matched(requestId, busy, 0));
    }
    boolean asked = false;
    try {
      MatchBody body = MatchBody.decode(in.readBody(header, bytes));
      long patienceMillis = body.deadlineMillis() == 0 ? Long.MAX_VALUE : body.deadlineMillis();
      CompletionStage<Answers.Reply.Matched> answer =
          matcher
              .match(session, body.request(), MatchedBody.maxBytes(maxBlocks), patienceMillis)
              .whenComplete((_, failure) -> {
                if (failure != null) {
                  matchBytes.giveBack(heapBytes);
                }
              })
              .thenApply(matched -> new Answers.Reply.Matched(requestId, matched, heapBytes));
      asked = true;
      return answer;
    } finally {
      if (!asked) {
        matchBytes.giveBack(heapBytes);
      }
    }
  }
}
