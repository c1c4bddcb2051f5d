package io.kveik.server.rpc.v1;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
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
import java.util.Optional;

/** v1 Read: one block by its location. A block in DRAM is answered on the event loop itself. */
final class ReadHandler {
  private final BlockReads reads;
  private final CallContext calls;

  ReadHandler(BlockReads reads, CallContext calls) {
    this.reads = reads;
    this.calls = calls;
  }

  void handle(Inbound<ReadRequest> inbound, ServerCallStreamObserver<ReadReply> answer) {
    long startNanos = calls.clock().nanoTime();
    String id = "";
    Optional<BlockReads.Target> target;
    try {
      ReadRequest request = inbound.request();
      id = request.getCompletionId();
      target = reads.resolve(request);
    } catch (BadRequest e) {
      calls.failed(Rpc.READ, id, startNanos, e.text());
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.text()).asRuntimeException());
      return;
    }
    String completionId = id;
    UnsentAnswer unsent = new UnsentAnswer(UnsentBytes.current());
    // One of the two runs, once the answer has left the server or never will.
    answer.setOnCloseHandler(unsent::gone);
    answer.setOnCancelHandler(unsent::gone);
    reads
        .read(target)
        .thenAccept(outcome -> {
          switch (outcome) {
            case ReadOutcome.Hit(StoredBlock block, long storageNanos) -> {
              try (block) {
                send(block, storageNanos, completionId, startNanos, unsent, answer);
              }
            }
            case ReadOutcome.Miss(ReadOutcome.Reason reason, long storageNanos) -> {
              long totalNanos = calls.clock().nanoTime() - startNanos;
              answer.onNext(new ReadReply.Plain(BlockReads.notFound(storageNanos, totalNanos)));
              answer.onCompleted();
              calls.succeeded(
                  Rpc.READ, completionId, startNanos, storageNanos, 0, "miss: " + reason);
            }
          }
        });
  }

  private void send(
      StoredBlock block,
      long storageNanos,
      String completionId,
      long startNanos,
      UnsentAnswer unsent,
      ServerCallStreamObserver<ReadReply> answer) {
    long bytes = block.header().bodyLength();
    if (answer.isCancelled()) {
      return;
    }
    if (!unsent.take(bytes)) {
      calls.failed(Rpc.READ, completionId, startNanos, "limits.unsent-bytes");
      answer.onError(Busy.of("limits.unsent-bytes", unsent.limit()));
      return;
    }
    answer.onNext(new ReadReply.OfBlock(block, storageNanos, startNanos));
    answer.onCompleted();
    calls.succeeded(
        Rpc.READ, completionId, startNanos, storageNanos, block.header().payloadLength(), "hit");
  }
}
