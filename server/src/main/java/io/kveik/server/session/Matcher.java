package io.kveik.server.session;

import io.kveik.client.data.frame.MatchedBody;
import java.util.concurrent.CompletionStage;

/** Answers a Match that has come by another way than gRPC, in a session's namespace. Any thread. */
@FunctionalInterface
public interface Matcher {
  /**
   * Looks a chain up; blocks no caller.
   *
   * @param request a {@code kveik.v1.MatchRequest} as it came, good or not
   * @param maxAnswerBytes of the body
   * @param patienceMillis so long the client waits; {@link Long#MAX_VALUE} for no bound
   */
  CompletionStage<MatchedBody> match(
      BlockSession session, byte[] request, int maxAnswerBytes, long patienceMillis);
}
