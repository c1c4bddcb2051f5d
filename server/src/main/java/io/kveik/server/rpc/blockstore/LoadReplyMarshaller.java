package io.kveik.server.rpc.blockstore;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.rpc.payload.PayloadMessage;
import io.kveik.server.tier.StoredBlock;
import io.kveik.wire.nativev1.LoadMiss;
import io.kveik.wire.nativev1.LoadResponse;
import io.kveik.wire.nativev1.LoadedBlock;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes a {@link LoadReply} in the wire format of {@link LoadResponse}, the payload straight from
 * the tier's memory.
 */
final class LoadReplyMarshaller implements MethodDescriptor.Marshaller<LoadReply> {
  private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

  private final MethodDescriptor.Marshaller<LoadResponse> plain =
      ProtoUtils.marshaller(LoadResponse.getDefaultInstance());

  @Override
  public InputStream stream(LoadReply reply) {
    return switch (reply) {
      case LoadReply.OfMiss(int index, LoadMiss.Reason reason) ->
          plain.stream(
              LoadResponse.newBuilder()
                  .setIndex(index)
                  .setMiss(LoadMiss.newBuilder().setReason(reason))
                  .build());
      case LoadReply.OfBlock(int index, StoredBlock block, long offset, long length) ->
          message(index, block, block.payload().asSlice(offset, length));
    };
  }

  @Override
  public LoadReply parse(InputStream stream) {
    throw new IllegalStateException("a server only sends load responses");
  }

  private static PayloadMessage message(int index, StoredBlock block, MemorySegment part) {
    BlockHeader header = block.header();
    boolean whole = part.byteSize() == header.payloadLength();
    LoadedBlock facts =
        LoadedBlock.newBuilder()
            .setBlockBytes(header.payloadLength())
            .setTokenCount(header.tokenCount())
            .setMetadata(
                UnsafeByteOperations.unsafeWrap(block.attributes().toArray(ValueLayout.JAVA_BYTE)))
            .setPayloadCrc32C(whole ? header.payloadCrc32c() : Crc32c.of(part))
            .build();
    return new PayloadMessage(
        block, head(index, facts, (int) part.byteSize()), NOTHING, NO_BYTES, part);
  }

  private static final byte[] NO_BYTES = {};

  /** Everything in front of the payload, which is the last field of the last field. */
  private static byte[] head(int index, LoadedBlock facts, int payloadBytes) {
    int payloadHead =
        CodedOutputStream.computeTagSize(LoadedBlock.PAYLOAD_FIELD_NUMBER)
            + CodedOutputStream.computeUInt32SizeNoTag(payloadBytes);
    int blockBytes = facts.getSerializedSize() + payloadHead + payloadBytes;
    byte[] head =
        new byte
            [CodedOutputStream.computeUInt32Size(LoadResponse.INDEX_FIELD_NUMBER, index)
                + CodedOutputStream.computeTagSize(LoadResponse.BLOCK_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(blockBytes)
                + facts.getSerializedSize()
                + payloadHead];
    CodedOutputStream out = CodedOutputStream.newInstance(head);
    try {
      out.writeUInt32(LoadResponse.INDEX_FIELD_NUMBER, index);
      out.writeTag(LoadResponse.BLOCK_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(blockBytes);
      facts.writeTo(out);
      out.writeTag(LoadedBlock.PAYLOAD_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(payloadBytes);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to an array of the computed size", e);
    }
    return head;
  }
}
