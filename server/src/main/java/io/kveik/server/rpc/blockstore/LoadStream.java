package io.kveik.server.rpc.blockstore;

import io.grpc.stub.ServerCallStreamObserver;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.rpc.call.Busy;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.UnsentAnswer;
import io.kveik.server.session.BlockSession;
import io.kveik.server.telemetry.Rpc;
import io.kveik.server.tier.StoredBlock;
import io.kveik.wire.nativev1.LoadMiss;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * One Load: many blocks over one stream, in the order asked for or as they become ready.
 *
 * <p>Up to {@code ahead} blocks are worked on at a time. In request order the next ones only start
 * on their way to DRAM, and a block is leased when its turn has come; as ready, each may be leased
 * when it is there. Nothing is read while the client has not taken what was sent, so a client that
 * stops reading holds {@code ahead} blocks at most, whatever it asked for.
 *
 * <p>Callbacks of gRPC and of storage meet under this object's lock.
 */
final class LoadStream {
  /** Bytes queued in the transport below which the next block is sent. */
  private static final int READY_BYTES = 4 * 1024 * 1024;

  private record Ready(int index, ReadOutcome outcome) {}

  private final BlockSession session;
  private final List<RangeOfBlock> ranges;
  private final ServerCallStreamObserver<LoadReply> answers;
  private final UnsentAnswer unsent;
  private final CallContext calls;

  /** Reads at a time: one in request order. */
  private final int readsAtATime;

  /** Blocks that are brought to DRAM before their turn. */
  private final int prefetched;

  private final long startNanos;
  private final Queue<Ready> ready = new ArrayDeque<>();
  private int next;
  private int nextPrefetched;
  private int reading;
  private int answered;
  private long bytes;
  private boolean advancing;
  private boolean over;

  private LoadStream(
      BlockSession session,
      List<RangeOfBlock> ranges,
      boolean inOrder,
      int ahead,
      ServerCallStreamObserver<LoadReply> answers,
      UnsentAnswer unsent,
      CallContext calls) {
    this.session = session;
    this.ranges = ranges;
    this.readsAtATime = inOrder ? 1 : ahead;
    this.prefetched = inOrder ? ahead : 0;
    this.answers = answers;
    this.unsent = unsent;
    this.calls = calls;
    this.startNanos = calls.clock().nanoTime();
  }

  /**
   * Answers a fresh call.
   *
   * @param inOrder whether blocks come in the order of the ranges
   * @param ahead blocks worked on at a time
   */
  static void begin(
      BlockSession session,
      List<RangeOfBlock> ranges,
      boolean inOrder,
      int ahead,
      ServerCallStreamObserver<LoadReply> answers,
      UnsentAnswer unsent,
      CallContext calls) {
    LoadStream stream = new LoadStream(session, ranges, inOrder, ahead, answers, unsent, calls);
    Runnable end =
        () -> {
          unsent.gone();
          stream.abandon();
        };
    answers.setOnReadyThreshold(READY_BYTES);
    answers.setOnReadyHandler(stream::advance);
    answers.setOnCancelHandler(end);
    answers.setOnCloseHandler(end);
    stream.advance();
  }

  /** Starts reads and sends what can be sent. A read that ends late comes back here. */
  private synchronized void advance() {
    if (advancing) {
      return;
    }
    advancing = true;
    try {
      while (!over && answers.isReady()) {
        unsent.drained();
        startReads();
        Ready block = ready.poll();
        if (block == null) {
          return;
        }
        answer(block);
        finishIfDone();
      }
    } finally {
      advancing = false;
    }
  }

  private void startReads() {
    while (nextPrefetched < Math.min(ranges.size(), next + prefetched)) {
      session.prefetch(ranges.get(nextPrefetched).id());
      nextPrefetched++;
    }
    while (next < ranges.size() && reading + ready.size() < readsAtATime) {
      int index = next++;
      CompletableFuture<ReadOutcome> read =
          session.load(ranges.get(index).id()).toCompletableFuture();
      if (read.isDone()) {
        ready.add(new Ready(index, read.join()));
      } else {
        reading++;
        read.thenAccept(outcome -> late(new Ready(index, outcome)));
      }
    }
  }

  private synchronized void late(Ready block) {
    reading--;
    ready.add(block);
    if (over) {
      discard();
    } else {
      advance();
    }
  }

  private void answer(Ready block) {
    answered++;
    switch (block.outcome()) {
      case ReadOutcome.Hit(StoredBlock stored, _) -> {
        try (stored) {
          send(block.index(), stored);
        }
      }
      case ReadOutcome.Miss(ReadOutcome.Reason reason, _) ->
          answers.onNext(new LoadReply.OfMiss(block.index(), WireEnums.of(reason)));
    }
  }

  private void send(int index, StoredBlock block) {
    RangeOfBlock range = ranges.get(index);
    long length = range.lengthIn(block.header().payloadLength());
    if (length < 0) {
      answers.onNext(new LoadReply.OfMiss(index, LoadMiss.Reason.REASON_OUT_OF_RANGE));
    } else if (unsent.take(length)) {
      answers.onNext(new LoadReply.OfBlock(index, block, range.offset(), length));
      bytes += length;
    } else {
      over = true;
      calls.failed(Rpc.LOAD, "", startNanos, "limits.unsent-bytes");
      answers.onError(Busy.of("limits.unsent-bytes", unsent.limit()));
      discard();
    }
  }

  private void finishIfDone() {
    if (!over && answered == ranges.size()) {
      over = true;
      answers.onCompleted();
      calls.succeeded(Rpc.LOAD, "", startNanos, 0, bytes, answered + " blocks");
    }
  }

  private synchronized void abandon() {
    over = true;
    discard();
  }

  private void discard() {
    Ready block;
    while ((block = ready.poll()) != null) {
      if (block.outcome() instanceof ReadOutcome.Hit(StoredBlock stored, _)) {
        stored.close();
      }
    }
  }
}
