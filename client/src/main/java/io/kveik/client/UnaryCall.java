package io.kveik.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.client.inplace.Answers;
import io.kveik.client.inplace.Handover;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One blocking call with one answer. gRPC's own blocking stub would drop an answer whose call then
 * fails; here it is discarded, since it may hold buffers. The transport's thread stores what it
 * brings, and at most copies it, so it needs no executor in between.
 */
final class UnaryCall<A> extends ClientCall.Listener<A> {
  private final Handover<A> handover;
  private final CountDownLatch done = new CountDownLatch(1);
  private @Nullable A answer;
  private @Nullable Status status;
  private boolean abandoned;

  private UnaryCall(Handover<A> handover) {
    this.handover = handover;
  }

  /**
   * Calls and waits, until the deadline at most.
   *
   * @param handover takes an answer that nobody will see
   */
  static <Q, A> A run(
      Channel channel,
      MethodDescriptor<Q, A> method,
      CallOptions callOptions,
      Deadline deadline,
      Q request,
      Handover<A> handover)
      throws CallFailedException, InterruptedException {
    ClientCall<Q, A> call = channel.newCall(method, callOptions.withDeadline(deadline));
    UnaryCall<A> listener = new UnaryCall<>(handover);
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
        // Under the lock: who gives up has its memory to itself after that.
        handover.arrived(message);
        return;
      }
    }
    handover.discard(message);
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
      handover.discard(dropped);
    }
  }
}
