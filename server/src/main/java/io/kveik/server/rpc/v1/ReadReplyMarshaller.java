package io.kveik.server.rpc.v1;

import com.google.protobuf.CodedOutputStream;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.kveik.server.memory.ScratchCopy;
import io.kveik.server.runtime.Clock;
import io.kveik.server.tier.StoredBlock;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.ReadResponse;
import io.kveik.wire.v1.ServerMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * Writes a {@link ReadReply} in the wire format of {@link ReadResponse}, the payload straight from
 * the tier's memory.
 *
 * <p>A block's attributes are stored as the encoded {@link PromptChunk} without its buffer, so an
 * answer is: a head of a few dozen bytes, the attributes as they lie, the payload as it lies. gRPC
 * only takes byte arrays, so bytes cross a 16 KiB scratch that each thread keeps (it stays in L1);
 * nothing is allocated on the heap for the payload.
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
          new BlockStream(block, Timings.of(storageNanos, clock.nanoTime() - startNanos));
    };
  }

  @Override
  public ReadReply parse(InputStream stream) {
    return new ReadReply.Plain(plain.parse(stream));
  }

  /** Drained once, on the calling thread, before the reply's maker closes the block. */
  private static final class BlockStream extends InputStream implements Drainable, KnownLength {
    private final StoredBlock block;
    private final byte[] head;
    private int remaining;

    BlockStream(StoredBlock block, ServerMetrics metrics) {
      this.block = block;
      this.head = head(block, metrics);
      this.remaining = Math.toIntExact(head.length + block.header().bodyLength());
    }

    /**
     * Everything in front of attributes and payload. Fields may come in any order, so the payload
     * goes last and is preceded by all the rest, its own tag and length included; the attributes
     * stand between head and payload tag, which is why the tag is written by {@link #drainTo}.
     */
    private static byte[] head(StoredBlock block, ServerMetrics metrics) {
      int payload = block.header().payloadLength();
      int chunk =
          CRC_FIELD_BYTES + block.header().attributesLength() + payloadHeadBytes(payload) + payload;
      int size =
          CodedOutputStream.computeBoolSize(ReadResponse.FOUND_FIELD_NUMBER, true)
              + CodedOutputStream.computeBoolSize(ReadResponse.SUCCESS_FIELD_NUMBER, true)
              + CodedOutputStream.computeMessageSize(
                  ReadResponse.SERVER_METRICS_FIELD_NUMBER, metrics)
              + CodedOutputStream.computeTagSize(ReadResponse.CHUNK_FIELD_NUMBER)
              + CodedOutputStream.computeUInt32SizeNoTag(chunk)
              + CRC_FIELD_BYTES
              + payloadHeadBytes(payload);
      byte[] head = new byte[size];
      CodedOutputStream out = CodedOutputStream.newInstance(head);
      try {
        out.writeBool(ReadResponse.FOUND_FIELD_NUMBER, true);
        out.writeBool(ReadResponse.SUCCESS_FIELD_NUMBER, true);
        out.writeMessage(ReadResponse.SERVER_METRICS_FIELD_NUMBER, metrics);
        out.writeTag(ReadResponse.CHUNK_FIELD_NUMBER, 2);
        out.writeUInt32NoTag(chunk);
        out.writeFixed32(PromptChunk.BUFFER_CRC32C_FIELD_NUMBER, block.header().payloadCrc32c());
        out.writeTag(PromptChunk.BUFFER_FIELD_NUMBER, 2);
        out.writeUInt32NoTag(payload);
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException("writing to an array of the computed size", e);
      }
      return head;
    }

    private static int payloadHeadBytes(int payload) {
      return CodedOutputStream.computeTagSize(PromptChunk.BUFFER_FIELD_NUMBER)
          + CodedOutputStream.computeUInt32SizeNoTag(payload);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int payloadHead = payloadHeadBytes(block.header().payloadLength());
      target.write(head, 0, head.length - payloadHead);
      ScratchCopy.writeTo(block.attributes(), 0, block.header().attributesLength(), target);
      target.write(head, head.length - payloadHead, payloadHead);
      ScratchCopy.writeTo(block.payload(), 0, block.header().payloadLength(), target);
      int drained = remaining;
      remaining = 0;
      return drained;
    }

    @Override
    public int available() {
      return remaining;
    }

    @Override
    public int read() {
      throw new IllegalStateException("gRPC drains a Drainable; nothing reads it");
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      return read();
    }
  }
}
