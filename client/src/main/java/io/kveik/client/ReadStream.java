package io.kveik.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.wire.v1.ReadRequest;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One StreamingRead: sends a bounded number of requests ahead and takes the answers in order.
 *
 * <p>Every request sent asks the transport for one answer more, so that no more answers than
 * outstanding requests ever wait in memory. Their number is limited, and so are their bytes,
 * reckoned by the largest answer so far; until the first answer that size is unknown and few
 * requests go out. Used by one thread; the transport's thread only enqueues.
 */
final class ReadStream extends ClientCall.Listener<ReceivedRead> implements AutoCloseable {
  private static final int OUTSTANDING_BEFORE_FIRST_ANSWER = 4;

  /** What the transport brings. */
  private sealed interface Event {
    record Answer(ReceivedRead read) implements Event {}

    record End(Status status) implements Event {}
  }

  private final ClientCall<ReadRequest, ReceivedRead> call;
  private final Deadline deadline;
  private final int count;
  private final IntFunction<ReadRequest> requests;
  private final int maxOutstandingReads;
  private final long maxOutstandingBytes;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Object lock = new Object();
  private boolean closed;
  private int sent;
  private int taken;
  private long largestAnswerBytes;

  private ReadStream(
      ClientCall<ReadRequest, ReceivedRead> call,
      Deadline deadline,
      int count,
      IntFunction<ReadRequest> requests,
      ClientOptions options) {
    this.call = call;
    this.deadline = deadline;
    this.count = count;
    this.requests = requests;
    this.maxOutstandingReads = options.maxOutstandingReads();
    this.maxOutstandingBytes = options.maxOutstandingBytes();
  }

  /**
   * Opens a stream for {@code count} requests.
   *
   * @param requests the request at an index
   */
  static ReadStream open(
      Channel channel,
      MethodDescriptor<ReadRequest, ReceivedRead> method,
      Deadline deadline,
      int count,
      IntFunction<ReadRequest> requests,
      ClientOptions options) {
    ClientCall<ReadRequest, ReceivedRead> call =
        channel.newCall(method, CallOptions.DEFAULT.withDeadline(deadline));
    ReadStream stream = new ReadStream(call, deadline, count, requests, options);
    call.start(stream, new Metadata());
    stream.sendAhead();
    return stream;
  }

  /**
   * The next answer, in the order of the requests; the caller closes it. Called {@code count} times
   * at most.
   */
  ReceivedRead next() throws CallFailedException, InterruptedException {
    long nanos = Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)) + UnaryCall.GRACE_NANOS;
    @Nullable Event event = events.poll(nanos, TimeUnit.NANOSECONDS);
    return switch (event) {
      case null ->
          throw new CallFailedException(
              Status.DEADLINE_EXCEEDED.withDescription("the transport gave no sign of life"));
      case Event.End(Status status) ->
          throw new CallFailedException(
              status.isOk()
                  ? Status.INTERNAL.withDescription(
                      "the stream ended after %d of %d answers".formatted(taken, count))
                  : status);
      case Event.Answer(ReceivedRead read) -> {
        taken++;
        largestAnswerBytes = Math.max(largestAnswerBytes, read.length());
        sendAhead();
        yield read;
      }
    };
  }

  @Override
  public void onMessage(ReceivedRead message) {
    enqueue(new Event.Answer(message));
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    enqueue(new Event.End(status));
  }

  /** Releases what has arrived; cancels the stream unless every answer was taken. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    if (taken < count) {
      call.cancel("the caller no longer reads", null);
    }
    for (Event event = events.poll(); event != null; event = events.poll()) {
      release(event);
    }
  }

  private void enqueue(Event event) {
    synchronized (lock) {
      if (!closed) {
        events.add(event);
        return;
      }
    }
    release(event);
  }

  private static void release(Event event) {
    if (event instanceof Event.Answer(ReceivedRead read)) {
      read.close();
    }
  }

  private void sendAhead() {
    boolean open = sent < count;
    while (sent < count && sent - taken < outstandingLimit()) {
      call.request(1);
      call.sendMessage(requests.apply(sent));
      sent++;
    }
    if (open && sent == count) {
      call.halfClose();
    }
  }

  private long outstandingLimit() {
    if (taken == 0) {
      return Math.min(OUTSTANDING_BEFORE_FIRST_ANSWER, maxOutstandingReads);
    }
    long byBytes = maxOutstandingBytes / Math.max(1, largestAnswerBytes);
    return Math.max(1, Math.min(maxOutstandingReads, byBytes));
  }
}
