package io.kveik.server.rpc.v1;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.kveik.server.rpc.payload.PayloadMessage;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.StoredBlock;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadResponse;
import io.kveik.wire.v1.ServerMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Writes a {@link ReadReply} in the wire format of {@link ReadResponse}, the payload straight from
 * the tier's memory.
 *
 * <p>A block's attributes are stored as the encoded {@link PromptChunk} without its buffer, so an
 * answer is: a head of a few dozen bytes, the attributes as they lie, the payload as it lies. See
 * {@link PayloadMessage} for how they travel.
 */
final class ReadReplyMarshaller implements MethodDescriptor.Marshaller<ReadReply> {
  /** Bytes of a fixed32 field with a two-byte tag. */
  private static final int CRC_FIELD_BYTES = 6;

  private final MethodDescriptor.Marshaller<ReadResponse> plain =
      ProtoUtils.marshaller(ReadResponse.getDefaultInstance());
  private final Clock clock;

  ReadReplyMarshaller(Clock clock) {
    this.clock = clock;
  }

  @Override
  public InputStream stream(ReadReply reply) {
    return switch (reply) {
      case ReadReply.Plain(ReadResponse response) -> plain.stream(response);
      case ReadReply.OfBlock(StoredBlock block, long storageNanos, long startNanos) ->
          message(block, Timings.of(storageNanos, clock.nanoTime() - startNanos));
    };
  }

  @Override
  public ReadReply parse(InputStream stream) {
    return new ReadReply.Plain(plain.parse(stream));
  }

  /**
   * Fields may come in any order, so the payload goes last: head, attributes as they lie, tag and
   * length of the payload, the payload as it lies.
   */
  private static PayloadMessage message(StoredBlock block, ServerMetrics metrics) {
    int payloadBytes = block.header().payloadLength();
    byte[] payloadHead = payloadHead(payloadBytes);
    int chunkBytes =
        CRC_FIELD_BYTES + block.header().attributesLength() + payloadHead.length + payloadBytes;
    return new PayloadMessage(
        block, head(block, chunkBytes, metrics), block.attributes(), payloadHead, block.payload());
  }

  private static byte[] head(StoredBlock block, int chunkBytes, ServerMetrics metrics) {
    int size =
        CodedOutputStream.computeBoolSize(ReadResponse.FOUND_FIELD_NUMBER, true)
            + CodedOutputStream.computeBoolSize(ReadResponse.SUCCESS_FIELD_NUMBER, true)
            + CodedOutputStream.computeMessageSize(
                ReadResponse.SERVER_METRICS_FIELD_NUMBER, metrics)
            + CodedOutputStream.computeTagSize(ReadResponse.CHUNK_FIELD_NUMBER)
            + CodedOutputStream.computeUInt32SizeNoTag(chunkBytes)
            + CRC_FIELD_BYTES;
    byte[] head = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(head);
    try {
      out.writeBool(ReadResponse.FOUND_FIELD_NUMBER, true);
      out.writeBool(ReadResponse.SUCCESS_FIELD_NUMBER, true);
      out.writeMessage(ReadResponse.SERVER_METRICS_FIELD_NUMBER, metrics);
      out.writeTag(ReadResponse.CHUNK_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(chunkBytes);
      out.writeFixed32(PromptChunk.BUFFER_CRC32C_FIELD_NUMBER, block.header().payloadCrc32c());
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to an array of the computed size", e);
    }
    return head;
  }

  private static byte[] payloadHead(int payloadBytes) {
    byte[] head =
        new byte
            [CodedOutputStream.computeTagSize(PromptChunk.BUFFER_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(payloadBytes)];
    CodedOutputStream out = CodedOutputStream.newInstance(head);
    try {
      out.writeTag(PromptChunk.BUFFER_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(payloadBytes);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to an array of the computed size", e);
    }
    return head;
  }
}
