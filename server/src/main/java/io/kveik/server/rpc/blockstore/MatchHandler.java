package io.kveik.server.rpc.blockstore;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.runtime.Clock;
import io.kveik.wire.nativev1.MatchRequest;
import io.kveik.wire.nativev1.MatchResponse;
import java.util.concurrent.TimeUnit;

/** Match over gRPC. Any thread. */
final class MatchHandler {
  private final Sessions sessions;
  private final ChainMatcher matcher;
  private final Clock clock;

  MatchHandler(Sessions sessions, ChainMatcher matcher, Clock clock) {
    this.sessions = sessions;
    this.matcher = matcher;
    this.clock = clock;
  }

  void handle(Inbound<MatchRequest> inbound, StreamObserver<MatchResponse> answer) {
    long startNanos = clock.nanoTime();
    try {
      MatchRequest request = inbound.request();
      matcher
          .match(sessions.of(request.getNamespace()), request, leftMillis(), startNanos)
          .thenAccept(response -> {
            answer.onNext(response);
            answer.onCompleted();
          });
    } catch (BadRequest e) {
      matcher.refused(startNanos, e.text());
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.text()).asRuntimeException());
    }
  }

  private static long leftMillis() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null ? Long.MAX_VALUE : deadline.timeRemaining(TimeUnit.MILLISECONDS);
  }
}
