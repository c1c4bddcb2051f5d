package io.kveik.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.client.inplace.Answers;
import io.kveik.wire.v1.ReadRequest;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * One StreamingRead: sends a bounded number of requests ahead and takes the answers in order.
 *
 * <p>Every request sent asks the transport for one answer more, so that no more answers than
 * outstanding requests ever wait in memory. Their number is limited, and so are their bytes,
 * reckoned by the largest answer so far; until the first answer that size is unknown and few
 * requests go out. Used by one thread; the transport's thread only enqueues.
 */
final class ReadStream implements AutoCloseable {
  private static final int OUTSTANDING_BEFORE_FIRST_ANSWER = 4;

  private final ClientCall<ReadRequest, ReceivedRead> call;
  private final Deadline deadline;
  private final int count;
  private final IntFunction<ReadRequest> requests;
  private final int maxOutstandingReads;
  private final long maxOutstandingBytes;
  private final Answers<ReceivedRead> answers = new Answers<>(ReceivedRead::close);
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
    call.start(stream.answers, new Metadata());
    stream.sendAhead();
    return stream;
  }

  /**
   * The next answer, in the order of the requests; the caller closes it. Called {@code count} times
   * at most.
   */
  ReceivedRead next() throws CallFailedException, InterruptedException {
    while (true) {
      switch (answers.next(deadline.timeRemaining(TimeUnit.NANOSECONDS))) {
        case Answers.Event.Ready<ReceivedRead>() -> {
          // Requests are small: how many go out is bounded by the answers outstanding.
        }
        case Answers.Event.End<ReceivedRead>(Status status) ->
            throw new CallFailedException(
                status.isOk()
                    ? Status.INTERNAL.withDescription(
                        "the stream ended after %d of %d answers".formatted(taken, count))
                    : status);
        case Answers.Event.Answer<ReceivedRead>(ReceivedRead read) -> {
          taken++;
          largestAnswerBytes = Math.max(largestAnswerBytes, read.length());
          sendAhead();
          return read;
        }
      }
    }
  }

  /** Releases what has arrived; cancels the stream unless every answer was taken. */
  @Override
  public void close() {
    if (taken < count) {
      call.cancel("the caller no longer reads", null);
    }
    answers.close();
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
