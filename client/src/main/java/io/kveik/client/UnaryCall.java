package io.kveik.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.client.inplace.Answers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One blocking call with one answer. gRPC's own blocking stub would drop an answer whose call then
 * fails; here it is discarded, since it may hold buffers. The transport's thread stores what it
 * brings, and at most copies it, so it needs no executor in between.
 */
final class UnaryCall<A> extends ClientCall.Listener<A> {
  private final Consumer<A> arrived;
  private final Consumer<A> discard;
  private final CountDownLatch done = new CountDownLatch(1);
  private @Nullable A answer;
  private @Nullable Status status;
  private boolean abandoned;

  private UnaryCall(Consumer<A> arrived, Consumer<A> discard) {
    this.arrived = arrived;
    this.discard = discard;
  }

  /**
   * Calls and waits, until the deadline at most.
   *
   * @param discard takes an answer that nobody will see
   */
  static <Q, A> A run(
      Channel channel,
      MethodDescriptor<Q, A> method,
      CallOptions callOptions,
      Deadline deadline,
      Q request,
      Consumer<A> discard)
      throws CallFailedException, InterruptedException {
    return run(channel, method, callOptions, deadline, request, _ -> {}, discard);
  }

  /**
   * The same.
   *
   * @param arrived sees the answer first, on the transport's thread and while this waits
   * @param discard takes an answer that nobody will see
   */
  static <Q, A> A run(
      Channel channel,
      MethodDescriptor<Q, A> method,
      CallOptions callOptions,
      Deadline deadline,
      Q request,
      Consumer<A> arrived,
      Consumer<A> discard)
      throws CallFailedException, InterruptedException {
    ClientCall<Q, A> call = channel.newCall(method, callOptions.withDeadline(deadline));
    UnaryCall<A> listener = new UnaryCall<>(arrived, discard);
    boolean finished = false;
    try {
      call.start(listener, new Metadata());
      call.request(2);
      call.sendMessage(request);
      call.halfClose();
      A answer = listener.await(deadline);
      finished = true;
      return answer;
    } finally {
      if (!finished) {
        listener.abandon();
        call.cancel("the caller no longer waits", null);
      }
    }
  }

  @Override
  public void onMessage(A message) {
    synchronized (this) {
      if (!abandoned && answer == null) {
        answer = message;
        // Under the lock: who no longer waits waits for this, and then has its memory to itself.
        arrived.accept(message);
        return;
      }
    }
    discard.accept(message);
  }

  @Override
  public void onClose(Status closeStatus, Metadata trailers) {
    synchronized (this) {
      status = closeStatus;
    }
    done.countDown();
  }

  private A await(Deadline deadline) throws CallFailedException, InterruptedException {
    long nanos = Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)) + Answers.GRACE_NANOS;
    if (!done.await(nanos, TimeUnit.NANOSECONDS)) {
      throw new CallFailedException(
          Status.DEADLINE_EXCEEDED.withDescription("the transport gave no sign of life"));
    }
    synchronized (this) {
      Status ended = status;
      if (ended == null || !ended.isOk()) {
        throw new CallFailedException(ended == null ? Status.UNKNOWN : ended);
      }
      A received = answer;
      if (received == null) {
        throw new CallFailedException(Status.INTERNAL.withDescription("OK without an answer"));
      }
      return received;
    }
  }

  private void abandon() {
    A dropped;
    synchronized (this) {
      abandoned = true;
      dropped = answer;
      answer = null;
    }
    if (dropped != null) {
      discard.accept(dropped);
    }
  }
}
