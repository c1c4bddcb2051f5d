package io.kveik.server.rpc.v1;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.Busy;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.rpc.call.UnsentAnswer;
import io.kveik.server.rpc.call.UnsentBytes;
import io.kveik.server.telemetry.Rpc;
import io.kveik.server.tier.StoredBlock;
import io.kveik.wire.v1.ReadRequest;
import io.kveik.wire.v1.ReadResponse;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One v1 StreamingRead: answers in the order of the requests, storage read in parallel.
 *
 * <p>Up to {@code ahead} requests are taken in; those not in DRAM start on their way there at once.
 * A block is leased only when its turn has come and the client has taken what was sent before, so a
 * client that stops reading holds one block and the stream's send buffer, whatever it asked for.
 *
 * <p>Callbacks of gRPC, of storage and of the idle check meet under this object's lock.
 */
final class StreamingRead implements StreamObserver<Inbound<ReadRequest>> {
  /** Bytes queued in the transport below which the next block is sent. */
  static final int READY_BYTES = 2 * 1024 * 1024;

  private record Request(
      Optional<BlockReads.Target> target,
      @Nullable String error,
      String completionId,
      long startNanos) {}

  private final BlockReads reads;
  private final CallContext calls;
  private final ServerCallStreamObserver<ReadReply> answers;
  private final UnsentAnswer unsent;
  private final Runnable endedIdle;
  private final Queue<Request> requests = new ArrayDeque<>();
  private boolean reading;
  private boolean halfClosed;
  private boolean over;
  private long progressNanos;

  private StreamingRead(
      BlockReads reads,
      CallContext calls,
      ServerCallStreamObserver<ReadReply> answers,
      UnsentAnswer unsent,
      Runnable endedIdle) {
    this.reads = reads;
    this.calls = calls;
    this.answers = answers;
    this.unsent = unsent;
    this.endedIdle = endedIdle;
    this.progressNanos = calls.clock().nanoTime();
  }

  /**
   * Takes over a fresh call.
   *
   * @param ahead requests worked on at a time
   * @param endedIdle told when the stream is ended because nothing moves
   * @param ended told when the stream is over
   */
  static StreamingRead begin(
      BlockReads reads,
      CallContext calls,
      ServerCallStreamObserver<ReadReply> answers,
      int ahead,
      Runnable endedIdle,
      Consumer<StreamingRead> ended) {
    UnsentAnswer unsent = new UnsentAnswer(UnsentBytes.current());
    StreamingRead stream = new StreamingRead(reads, calls, answers, unsent, endedIdle);
    Runnable end =
        () -> {
          unsent.gone();
          stream.abandon();
          ended.accept(stream);
        };
    answers.disableAutoRequest();
    answers.setOnReadyThreshold(READY_BYTES);
    answers.setOnReadyHandler(stream::advance);
    answers.setOnCancelHandler(end);
    answers.setOnCloseHandler(end);
    answers.request(ahead);
    return stream;
  }

  @Override
  public synchronized void onNext(Inbound<ReadRequest> inbound) {
    progressNanos = calls.clock().nanoTime();
    String completionId = "";
    Request taken;
    try {
      ReadRequest request = inbound.request();
      completionId = request.getCompletionId();
      Optional<BlockReads.Target> target = reads.resolve(request);
      reads.prefetch(target);
      taken = new Request(target, null, completionId, progressNanos);
    } catch (BadRequest e) {
      taken = new Request(Optional.empty(), e.text(), completionId, progressNanos);
    }
    requests.add(taken);
    advance();
  }

  @Override
  public synchronized void onCompleted() {
    halfClosed = true;
    advance();
  }

  @Override
  public void onError(Throwable reason) {
    // The client has gone; the cancel handler does what there is to do.
  }

  /** Ends the stream when nothing has moved for so long. True when it is over. */
  synchronized boolean endIfIdle(long idleNanos) {
    if (!over && calls.clock().nanoTime() - progressNanos > idleNanos) {
      over = true;
      endedIdle.run();
      answers.onError(
          Status.DEADLINE_EXCEEDED
              .withDescription(
                  "limits.call-idle-millis: no progress for " + idleNanos / 1_000_000 + " ms")
              .asRuntimeException());
    }
    return over;
  }

  private synchronized void abandon() {
    over = true;
    requests.clear();
  }

  /** Sends what can be sent. A read that is under way comes back here when it is done. */
  private synchronized void advance() {
    while (!over && !reading && answers.isReady()) {
      unsent.drained();
      Request next = requests.poll();
      if (next == null) {
        if (halfClosed) {
          over = true;
          answers.onCompleted();
        }
        return;
      }
      reading = true;
      CompletableFuture<ReadOutcome> outcome = reads.read(next.target()).toCompletableFuture();
      if (outcome.isDone()) {
        answer(next, outcome.join());
      } else {
        outcome.thenAccept(late -> {
          answer(next, late);
          advance();
        });
      }
    }
  }

  private synchronized void answer(Request request, ReadOutcome outcome) {
    reading = false;
    switch (outcome) {
      case ReadOutcome.Hit(StoredBlock block, long storageNanos) -> {
        try (block) {
          if (!over) {
            sendBlock(request, block, storageNanos);
          }
        }
      }
      case ReadOutcome.Miss(ReadOutcome.Reason reason, long storageNanos) -> {
        if (!over) {
          sendMiss(request, reason, storageNanos);
        }
      }
    }
    if (!over) {
      progressNanos = calls.clock().nanoTime();
      answers.request(1);
    }
  }

  private void sendBlock(Request request, StoredBlock block, long storageNanos) {
    if (!unsent.take(block.header().bodyLength())) {
      fail(Busy.of("limits.unsent-bytes", unsent.limit()));
      return;
    }
    answers.onNext(new ReadReply.OfBlock(block, storageNanos, request.startNanos()));
    calls.succeeded(
        Rpc.STREAMING_READ,
        request.completionId(),
        request.startNanos(),
        storageNanos,
        block.header().payloadLength(),
        "hit");
  }

  private void sendMiss(Request request, ReadOutcome.Reason reason, long storageNanos) {
    String error = request.error();
    if (error != null) {
      answers.onNext(
          new ReadReply.Plain(ReadResponse.newBuilder().setSuccess(false).setError(error).build()));
      calls.failed(Rpc.STREAMING_READ, request.completionId(), request.startNanos(), error);
      return;
    }
    long totalNanos = calls.clock().nanoTime() - request.startNanos();
    answers.onNext(new ReadReply.Plain(BlockReads.notFound(storageNanos, totalNanos)));
    calls.succeeded(
        Rpc.STREAMING_READ,
        request.completionId(),
        request.startNanos(),
        storageNanos,
        0,
        "miss: " + reason);
  }

  private void fail(StatusRuntimeException reason) {
    over = true;
    answers.onError(reason);
  }
}
