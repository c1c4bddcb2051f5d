package io.kveik.server.rpc;

import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Scheduler;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds the calls in progress, and ends unary calls whose request does not arrive: a client that
 * opens a call and goes silent would otherwise hold a place, and the memory of a half-sent message,
 * for as long as its connection lives.
 */
final class CallGuard implements ServerInterceptor {
  private static final long CHECK_MILLIS = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final int limit;
  private final long idleMillis;
  private final Clock clock;
  private final AtomicInteger active = new AtomicInteger();
  private final LongAdder refused = new LongAdder();
  private final LongAdder endedIdle = new LongAdder();
  private final Set<Arrival<?, ?>> awaiting = ConcurrentHashMap.newKeySet();

  CallGuard(int limit, long idleMillis, Clock clock, Scheduler scheduler) {
    this.limit = limit;
    this.idleMillis = idleMillis;
    this.clock = clock;
    scheduler.every(CHECK_MILLIS, () -> awaiting.removeIf(Arrival::endIfLate));
  }

  int activeCalls() {
    return active.get();
  }

  long refusedCount() {
    return refused.sum();
  }

  long endedIdleCount() {
    return endedIdle.sum();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (active.incrementAndGet() > limit) {
      active.decrementAndGet();
      refused.increment();
      call.close(
          Status.RESOURCE_EXHAUSTED.withDescription(
              "limits.calls: " + limit + " calls are in progress"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (call.getMethodDescriptor().getType() != MethodDescriptor.MethodType.UNARY) {
      return new Counted<>(next.startCall(call, headers));
    }
    Arrival<Q, A> arrival = new Arrival<>(call);
    awaiting.add(arrival);
    return arrival.listen(next.startCall(arrival, headers));
  }

  /** Gives the call's place back once it is over. */
  private class Counted<Q>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    Counted(ServerCall.Listener<Q> listener) {
      super(listener);
    }

    @Override
    public void onComplete() {
      active.decrementAndGet();
      super.onComplete();
    }

    @Override
    public void onCancel() {
      active.decrementAndGet();
      super.onCancel();
    }
  }

  /** A unary call until its request has arrived. */
  private final class Arrival<Q, A> extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
    private final long startNanos = clock.nanoTime();
    private boolean settled;

    Arrival(ServerCall<Q, A> call) {
      super(call);
    }

    ServerCall.Listener<Q> listen(ServerCall.Listener<Q> listener) {
      return new Counted<>(listener) {
        @Override
        public void onHalfClose() {
          if (settle()) {
            super.onHalfClose();
          }
        }

        @Override
        public void onComplete() {
          settle();
          super.onComplete();
        }

        @Override
        public void onCancel() {
          settle();
          super.onCancel();
        }
      };
    }

    @Override
    public void close(Status status, Metadata trailers) {
      // A handler may refuse before the request is complete (too many messages, say).
      settle();
      super.close(status, trailers);
    }

    /** True for the first who asks: the handler, or the check. */
    private synchronized boolean settle() {
      boolean first = !settled;
      settled = true;
      awaiting.remove(this);
      return first;
    }

    /** True when there is nothing left to check. */
    boolean endIfLate() {
      if (clock.nanoTime() - startNanos <= idleMillis * NANOS_PER_MILLI) {
        return false;
      }
      if (settle()) {
        endedIdle.increment();
        super.close(
            Status.DEADLINE_EXCEEDED.withDescription(
                "limits.call-idle-millis: the request did not arrive within " + idleMillis + " ms"),
            new Metadata());
      }
      return true;
    }
  }
}
