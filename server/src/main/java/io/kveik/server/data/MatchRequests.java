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

/** Matches of one connection. The connection's reading thread only. */
final class MatchRequests {
  private final FrameReader in;
  private final BlockSession session;
  private final Matcher matcher;
  private final int maxBlocks;
  private final Allowance requestBytes;
  private final DataCounters counters;

  MatchRequests(FrameReader in, BlockSession session, DataParts parts) {
    this.in = in;
    this.session = session;
    this.matcher = parts.matcher();
    this.maxBlocks = parts.options().session().maxIdsPerCall();
    this.requestBytes = parts.requestBytes();
    this.counters = parts.counters();
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
  CompletionStage<MatchedBody> receive(FrameHeader header) throws IOException {
    int bytes = header.bodyBytes();
    counters.matches.increment();
    if (!requestBytes.tryTake(bytes)) {
      in.skip(bytes);
      return CompletableFuture.completedFuture(
          MatchedBody.without(MatchedStatus.BUSY, requestBytes.refusal(bytes)));
    }
    boolean asked = false;
    try {
      MatchBody body = MatchBody.decode(in.readBody(header, bytes));
      long patienceMillis = body.deadlineMillis() == 0 ? Long.MAX_VALUE : body.deadlineMillis();
      CompletionStage<MatchedBody> answer =
          matcher
              .match(session, body.request(), MatchedBody.maxBytes(maxBlocks), patienceMillis)
              .whenComplete((_, _) -> requestBytes.giveBack(bytes));
      asked = true;
      return answer;
    } finally {
      if (!asked) {
        requestBytes.giveBack(bytes);
      }
    }
  }
}
