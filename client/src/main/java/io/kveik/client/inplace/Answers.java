package io.kveik.client.inplace;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a call brings, answers that may hold the transport's buffers, for a thread that waits
 * for it. Answers that nobody takes any more are released. The transport's thread enqueues, and at
 * most copies; how many answers may wait here is what was asked for by {@code request}. One other
 * thread takes and closes.
 */
public final class Answers<A> extends ClientCall.Listener<A> implements AutoCloseable {
  /** How long the transport may take to report that a deadline has passed. */
  public static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** What the transport brings. */
  public sealed interface Event<A> {
    /** One answer; who takes it releases it. */
    record Answer<A>(A message) implements Event<A> {}

    /** The call may be given more to send. */
    record Ready<A>() implements Event<A> {}

    /** The call is over. */
    record End<A>(Status status) implements Event<A> {}
  }

  private final Handover<A> handover;
  private final BlockingQueue<Event<A>> events = new LinkedBlockingQueue<>();
  private final Object lock = new Object();
  private boolean closed;

  /**
   * @param handover takes an answer that nobody will see
   */
  public Answers(Handover<A> handover) {
    this.handover = handover;
  }

  /**
   * The next event, in the order that they came.
   *
   * @param nanos how long to wait: the call's deadline; its end is waited for a little longer
   * @return an end with DEADLINE_EXCEEDED when the transport gives no sign of life
   */
  public Event<A> next(long nanos) throws InterruptedException {
    @Nullable Event<A> event = events.poll(Math.max(0, nanos) + GRACE_NANOS, TimeUnit.NANOSECONDS);
    return event == null
        ? new Event.End<>(
            Status.DEADLINE_EXCEEDED.withDescription("the transport gave no sign of life"))
        : event;
  }

  @Override
  public void onMessage(A message) {
    enqueue(new Event.Answer<>(message));
  }

  @Override
  public void onReady() {
    enqueue(new Event.Ready<>());
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    enqueue(new Event.End<>(status));
  }

  /** Releases what has come and what will come; idempotent. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    for (Event<A> event = events.poll(); event != null; event = events.poll()) {
      release(event);
    }
  }

  private void enqueue(Event<A> event) {
    synchronized (lock) {
      if (!closed) {
        if (event instanceof Event.Answer<A>(A message)) {
          handover.arrived(message);
        }
        events.add(event);
        return;
      }
    }
    release(event);
  }

  private void release(Event<A> event) {
    if (event instanceof Event.Answer<A>(A message)) {
      handover.discard(message);
    }
  }
}
