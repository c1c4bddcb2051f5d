package io.kveik.server.rpc.blockstore;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.cache.WriteOutcome;
import io.kveik.server.prefetch.Prefetcher;
import io.kveik.server.prefetch.TurnHints;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.rpc.call.NativeFields;
import io.kveik.server.rpc.payload.InPlaceWrite;
import io.kveik.server.session.BlockSession;
import io.kveik.server.session.StoreCommand;
import io.kveik.server.telemetry.Rpc;
import io.kveik.wire.nativev1.StoreRequest;
import io.kveik.wire.nativev1.StoreResponse;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One Store: a stream of blocks in, a result for each as soon as it is reached.
 *
 * <p>The next block is asked for when the last one has been copied, and while fewer than {@code
 * ahead} wait for their ack level: a client that writes faster than tiers take is held back by flow
 * control. A block that can't be stored has its own result and the stream goes on; only a message
 * that is no block at all ends it.
 *
 * <p>Callbacks of gRPC and of storage meet under this object's lock.
 */
final class StoreStream implements StreamObserver<Inbound<InboundStore>> {
  private final Sessions sessions;
  private final BlockStoreRules rules;
  private final Prefetcher prefetcher;
  private final int ahead;
  private final ServerCallStreamObserver<StoreResponse> results;
  private final CallContext calls;
  private @Nullable BlockSession session;
  private int received;
  private int waiting;
  private boolean asked;
  private boolean halfClosed;
  private boolean over;

  private StoreStream(
      Sessions sessions,
      BlockStoreRules rules,
      Prefetcher prefetcher,
      int ahead,
      ServerCallStreamObserver<StoreResponse> results,
      CallContext calls) {
    this.sessions = sessions;
    this.rules = rules;
    this.prefetcher = prefetcher;
    this.ahead = ahead;
    this.results = results;
    this.calls = calls;
  }

  /**
   * Takes over a fresh call.
   *
   * @param ahead blocks that may wait for their ack level at a time
   */
  static StoreStream begin(
      Sessions sessions,
      BlockStoreRules rules,
      Prefetcher prefetcher,
      int ahead,
      ServerCallStreamObserver<StoreResponse> results,
      CallContext calls) {
    StoreStream stream = new StoreStream(sessions, rules, prefetcher, ahead, results, calls);
    results.disableAutoRequest();
    results.setOnReadyHandler(stream::askForNext);
    results.setOnCancelHandler(stream::abandon);
    stream.askForNext();
    return stream;
  }

  @Override
  public synchronized void onNext(Inbound<InboundStore> inbound) {
    asked = false;
    int index = received++;
    long startNanos = calls.clock().nanoTime();
    try (InboundStore store = inbound.request()) {
      if (!over) {
        store(index, startNanos, store);
      }
    } catch (BadRequest e) {
      fail(startNanos, e);
    }
    askForNext();
  }

  @Override
  public synchronized void onCompleted() {
    halfClosed = true;
    finishIfDone();
  }

  @Override
  public void onError(Throwable reason) {
    abandon();
  }

  private void store(int index, long startNanos, InboundStore store) throws BadRequest {
    BlockSession open = session(store.request());
    StoreCommand command;
    TurnHints hints;
    try {
      command = command(store);
      hints = rules.hints(store.request().getHints());
    } catch (BadRequest e) {
      calls.failed(Rpc.STORE, "", startNanos, e.text());
      send(result(index, StoreResponse.Status.STATUS_INVALID).setDetail(e.text()));
      return;
    }
    waiting++;
    int bytes = store.payload().length();
    // The engine copies the payload before it returns, so the transport's memory can go after it.
    open.store(command)
        .thenAccept(outcome -> {
          if (outcome instanceof WriteOutcome.Stored) {
            BlockKey key = open.keyOf(command.id());
            open.turnEnded(key, hints.end());
            prefetcher.stored(open.fingerprint(), key, hints);
          }
          stored(index, startNanos, bytes, outcome);
        });
  }

  /** The first message names the namespace, and only the first. */
  private BlockSession session(StoreRequest request) throws BadRequest {
    if (session == null) {
      session = sessions.of(request.getNamespace());
    } else if (request.hasNamespace()) {
      throw BadRequest.of("namespace", "given again", "only in the first message of a stream");
    }
    return session;
  }

  private StoreCommand command(InboundStore store) throws BadRequest {
    StoreRequest request = store.request();
    rules.check(request, store.payload().length());
    return new StoreCommand(
        rules.id("id", request.getId()),
        rules.optionalId("parent_id", request.getParentId()),
        request.getTokenCount(),
        request.getMetadata().toByteArray(),
        new InPlaceWrite(store.payload()),
        request.hasPayloadCrc32C()
            ? OptionalInt.of(request.getPayloadCrc32C())
            : OptionalInt.empty(),
        NativeFields.ttlKind("ttl_kind", request.getTtlKind(), request.getTtlKindValue()),
        request.getTtlMs(),
        request.getPriority(),
        rules.ack(request));
  }

  private synchronized void stored(int index, long startNanos, int bytes, WriteOutcome outcome) {
    waiting--;
    switch (outcome) {
      case WriteOutcome.Stored(AckLevel reached, boolean alreadyPresent, long storageNanos) -> {
        calls.succeeded(Rpc.STORE, "", startNanos, storageNanos, bytes, "stored at " + reached);
        send(
            result(
                    index,
                    alreadyPresent
                        ? StoreResponse.Status.STATUS_ALREADY_PRESENT
                        : StoreResponse.Status.STATUS_STORED)
                .setAckLevel(WireEnums.of(reached)));
      }
      case WriteOutcome.Busy(String limit, String detail) -> {
        calls.failed(Rpc.STORE, "", startNanos, limit);
        send(result(index, StoreResponse.Status.STATUS_BUSY).setDetail(limit + ": " + detail));
      }
      case WriteOutcome.ChecksumMismatch(int claimed, int actual) -> {
        calls.failed(Rpc.STORE, "", startNanos, "payload_crc32c");
        send(
            result(index, StoreResponse.Status.STATUS_CHECKSUM_MISMATCH)
                .setDetail(
                    String.format(
                        "payload_crc32c: %08x, but the payload that arrived has %08x",
                        claimed, actual)));
      }
    }
    askForNext();
    finishIfDone();
  }

  private static StoreResponse.Builder result(int index, StoreResponse.Status status) {
    return StoreResponse.newBuilder().setIndex(index).setStatus(status);
  }

  private void send(StoreResponse.Builder result) {
    if (!over) {
      results.onNext(result.build());
    }
  }

  /** Nothing is taken in while results pile up unread, or too many blocks wait. */
  private synchronized void askForNext() {
    if (!over && !asked && !halfClosed && waiting < ahead && results.isReady()) {
      asked = true;
      results.request(1);
    }
  }

  private void finishIfDone() {
    if (!over && halfClosed && waiting == 0) {
      over = true;
      results.onCompleted();
    }
  }

  private void fail(long startNanos, BadRequest reason) {
    if (!over) {
      over = true;
      calls.failed(Rpc.STORE, "", startNanos, reason.text());
      results.onError(Status.INVALID_ARGUMENT.withDescription(reason.text()).asRuntimeException());
    }
  }

  private synchronized void abandon() {
    over = true;
  }
}
