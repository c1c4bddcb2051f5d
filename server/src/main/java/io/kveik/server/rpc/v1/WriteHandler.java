package io.kveik.server.rpc.v1;

import com.google.protobuf.UnknownFieldSet;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.kveik.client.inplace.InPlacePayload;
import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockKey;
import io.kveik.server.cache.CacheEngine;
import io.kveik.server.cache.TokenChain;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.WriteOutcome;
import io.kveik.server.rpc.call.BadRequest;
import io.kveik.server.rpc.call.CallContext;
import io.kveik.server.rpc.call.Inbound;
import io.kveik.server.rpc.payload.InPlaceWrite;
import io.kveik.server.telemetry.Rpc;
import io.kveik.server.tenant.NamespaceKeys;
import io.kveik.server.tenant.Namespaces;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.WriteRequest;
import io.kveik.wire.v1.WriteResponse;
import java.util.OptionalInt;

/**
 * v1 Write: validate, resolve, derive the key, hand the bytes to the engine, answer the level
 * reached. The payload is copied once, from the transport's memory into the tier's.
 */
final class WriteHandler {
  private final CacheEngine engine;
  private final Namespaces namespaces;
  private final V1Rules rules;
  private final AckLevel defaultAck;
  private final CallContext calls;

  WriteHandler(
      CacheEngine engine,
      Namespaces namespaces,
      V1Rules rules,
      AckLevel defaultAck,
      CallContext calls) {
    this.engine = engine;
    this.namespaces = namespaces;
    this.rules = rules;
    this.defaultAck = defaultAck;
    this.calls = calls;
  }

  void handle(Inbound<InboundWrite> inbound, StreamObserver<WriteResponse> answer) {
    long startNanos = calls.clock().nanoTime();
    InboundWrite write;
    try {
      write = inbound.request();
    } catch (BadRequest e) {
      refuse(Status.INVALID_ARGUMENT.withDescription(e.text()), "", startNanos, answer);
      return;
    }
    String completionId = write.request().getChunk().getCompletionId();
    int bytes = write.payload().length();
    WriteCommand command;
    try (write) {
      command = command(write.request(), write.payload());
      // The engine copies the payload before it returns, so the transport's memory can go after it.
      engine
          .write(command)
          .thenAccept(outcome -> reply(outcome, completionId, startNanos, bytes, answer));
    } catch (BadRequest e) {
      refuse(Status.INVALID_ARGUMENT.withDescription(e.text()), completionId, startNanos, answer);
    }
  }

  private WriteCommand command(WriteRequest request, InPlacePayload payload) throws BadRequest {
    rules.check(request, payload.length());
    PromptChunk chunk = request.getChunk();
    NamespaceKeys namespace =
        namespaces
            .v1(request.getResourceName(), request.getContainerName(), chunk.getPartitionKey())
            .orElseThrow(() -> LookupHandler.unknownAccount(request.getResourceName()));
    BlockKey key =
        new TokenChain(namespace::key, chunk::getTokens, chunk.getTokensCount())
            .key(0, chunk.getParentHash());
    return new WriteCommand(
        namespace.fingerprint(),
        key,
        chunk.getHash(),
        chunk.getParentHash(),
        chunk.getTokensCount(),
        namespace.namespace().elementType(),
        attributes(chunk),
        new InPlaceWrite(payload),
        chunk.hasBufferCrc32C() ? OptionalInt.of(chunk.getBufferCrc32C()) : OptionalInt.empty(),
        request.getTtlMs(),
        request.getPriority(),
        ack(request));
  }

  /** What a Read gives back besides the buffer, encoded as it will be sent. */
  private static byte[] attributes(PromptChunk chunk) {
    return chunk.toBuilder()
        .clearBufferCrc32C()
        .setUnknownFields(UnknownFieldSet.getDefaultInstance())
        .build()
        .toByteArray();
  }

  private AckLevel ack(WriteRequest request) throws BadRequest {
    return switch (request.getAckLevel()) {
      case ACK_LEVEL_UNSPECIFIED -> defaultAck;
      case ACK_LEVEL_MEMORY -> AckLevel.MEMORY;
      case ACK_LEVEL_LOCAL -> AckLevel.LOCAL;
      case ACK_LEVEL_SHARED -> AckLevel.SHARED;
      case UNRECOGNIZED -> throw BadRequest.of("ack_level", request.getAckLevelValue(), "0 to 3");
    };
  }

  private void reply(
      WriteOutcome outcome,
      String completionId,
      long startNanos,
      int bytes,
      StreamObserver<WriteResponse> answer) {
    switch (outcome) {
      case WriteOutcome.Stored(AckLevel reached, boolean alreadyPresent, long storageNanos) -> {
        long totalNanos = calls.clock().nanoTime() - startNanos;
        answer.onNext(
            WriteResponse.newBuilder()
                .setSuccess(true)
                .setServerMetrics(Timings.of(storageNanos, totalNanos))
                .setAckLevel(wire(reached))
                .setAlreadyPresent(alreadyPresent)
                .build());
        answer.onCompleted();
        calls.succeeded(
            Rpc.WRITE,
            completionId,
            startNanos,
            storageNanos,
            bytes,
            alreadyPresent ? "already present" : "stored at " + reached);
      }
      case WriteOutcome.Busy(String limit, String detail) ->
          refuse(
              Status.RESOURCE_EXHAUSTED.withDescription(limit + ": " + detail),
              completionId,
              startNanos,
              answer);
      case WriteOutcome.ChecksumMismatch(int claimed, int actual) ->
          refuse(
              Status.INVALID_ARGUMENT.withDescription(
                  String.format(
                      "chunk.buffer_crc32c: %08x, but the buffer that arrived has %08x",
                      claimed, actual)),
              completionId,
              startNanos,
              answer);
    }
  }

  private void refuse(
      Status status, String completionId, long startNanos, StreamObserver<WriteResponse> answer) {
    calls.failed(Rpc.WRITE, completionId, startNanos, String.valueOf(status.getDescription()));
    answer.onError(status.asRuntimeException());
  }

  private static io.kveik.wire.v1.AckLevel wire(AckLevel level) {
    return switch (level) {
      case MEMORY -> io.kveik.wire.v1.AckLevel.ACK_LEVEL_MEMORY;
      case LOCAL -> io.kveik.wire.v1.AckLevel.ACK_LEVEL_LOCAL;
      case SHARED -> io.kveik.wire.v1.AckLevel.ACK_LEVEL_SHARED;
    };
  }
}
