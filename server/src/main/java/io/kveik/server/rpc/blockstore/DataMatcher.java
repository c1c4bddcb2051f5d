package io.kveik.server.rpc.blockstore;

import io.grpc.StatusRuntimeException;
import io.kveik.client.data.frame.MatchedBody;
import io.kveik.client.data.frame.MatchedStatus;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.BoundedFields;
import io.kveik.server.runtime.Clock;
import io.kveik.server.session.BlockSession;
import io.kveik.server.session.Matcher;
import io.kveik.wire.nativev1.MatchRequest;
import io.kveik.wire.nativev1.MatchResponse;
import java.io.ByteArrayInputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Match over the data port, whose connections have their namespace. Any thread. */
final class DataMatcher implements Matcher {
  private final ChainMatcher matcher;
  private final BoundedFields<MatchRequest> requests;
  private final Clock clock;

  DataMatcher(ChainMatcher matcher, BoundedFields<MatchRequest> requests, Clock clock) {
    this.matcher = matcher;
    this.requests = requests;
    this.clock = clock;
  }

  @Override
  public CompletionStage<MatchedBody> match(
      BlockSession session, byte[] request, int maxAnswerBytes, long patienceMillis) {
    long startNanos = clock.nanoTime();
    try {
      MatchRequest parsed = requests.parse(new ByteArrayInputStream(request));
      if (parsed.hasNamespace()) {
        throw BadRequest.of("namespace", "one", "none: it is the connection's");
      }
      if (parsed.hasTokens()) {
        throw BadRequest.of(
            "tokens", parsed.getTokens().getTokensCount() + " of them", "over gRPC");
      }
      return matcher
          .match(session, parsed, patienceMillis, startNanos)
          .thenApply(response -> answer(response, maxAnswerBytes));
    } catch (BadRequest e) {
      return refused(startNanos, e.text());
    } catch (StatusRuntimeException e) {
      return refused(startNanos, String.valueOf(e.getStatus().getDescription()));
    }
  }

  private CompletionStage<MatchedBody> refused(long startNanos, String why) {
    matcher.refused(startNanos, why);
    return CompletableFuture.completedFuture(MatchedBody.without(MatchedStatus.REFUSED, why));
  }

  private static MatchedBody answer(MatchResponse response, int maxBytes) {
    MatchedBody body = MatchedBody.matched(response.toByteArray());
    return body.encodedBytes() <= maxBytes
        ? body
        : MatchedBody.without(
            MatchedStatus.REFUSED,
            "answer of " + body.encodedBytes() + " bytes, limit " + maxBytes);
  }
}
