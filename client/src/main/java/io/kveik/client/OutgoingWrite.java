package io.kveik.client;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.kveik.client.inplace.OutgoingMessage;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.WriteRequest;
import java.lang.foreign.MemorySegment;

/**
 * Makes write requests that carry the payload where the caller keeps it.
 *
 * <pre>
 *   WriteRequest   1 resource · 2 container · 3 chunk                            · 16 · 17 · 18
 *   PromptChunk                               1 · 2 · 3 · 4 payload · 5 · 6 · 16
 *                  |------------ head --------------------| payload |--------- tail -----------|
 * </pre>
 *
 * <p>Fields go out in the order of their numbers, so these are the very bytes that the generated
 * class would write. Stateless.
 */
final class OutgoingWrite {
  private OutgoingWrite() {}

  /** Wraps the payload until close. */
  static OutgoingMessage wrap(BlockScope scope, BlockWrite block) {
    MemorySegment payload = block.payload();
    PromptChunk.Builder before =
        PromptChunk.newBuilder()
            .setHash(block.label())
            .setPartitionKey(scope.partition())
            .setParentHash(block.parentLabel());
    PromptChunk.Builder after = PromptChunk.newBuilder().setCompletionId(block.completionId());
    for (long token : block.tokens()) {
      after.addTokens(token);
    }
    return of(
        WriteRequest.newBuilder()
            .setResourceName(scope.resource())
            .setContainerName(scope.container())
            .build(),
        before.build(),
        payload,
        after.build(),
        WriteRequest.newBuilder()
            .setAckLevel(WireMapping.toWire(block.ackLevel()))
            .setTtlMs(block.ttl().toMillis())
            .setPriority(block.priority())
            .build());
  }

  /**
   * @param requestBefore the request's fields below its chunk
   * @param chunkBefore the chunk's fields below its payload
   * @param chunkAfter the chunk's fields above its payload, but for the checksum behind them
   * @param requestAfter the request's fields above its chunk
   */
  static OutgoingMessage of(
      WriteRequest requestBefore,
      PromptChunk chunkBefore,
      MemorySegment payload,
      PromptChunk chunkAfter,
      WriteRequest requestAfter) {
    long chunkBytes =
        chunkBefore.getSerializedSize()
            + OutgoingMessage.sizeOf(PromptChunk.BUFFER_FIELD_NUMBER, payload)
            + chunkAfter.getSerializedSize()
            + CodedOutputStream.computeFixed32Size(PromptChunk.BUFFER_CRC32C_FIELD_NUMBER, 0);
    return OutgoingMessage.wrap(
        out -> {
          requestBefore.writeTo(out);
          out.writeTag(WriteRequest.CHUNK_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
          out.writeUInt64NoTag(chunkBytes);
          chunkBefore.writeTo(out);
          OutgoingMessage.writeTag(PromptChunk.BUFFER_FIELD_NUMBER, payload, out);
        },
        payload,
        (crc32c, out) -> {
          chunkAfter.writeTo(out);
          out.writeFixed32(PromptChunk.BUFFER_CRC32C_FIELD_NUMBER, crc32c);
          requestAfter.writeTo(out);
        });
  }
}
