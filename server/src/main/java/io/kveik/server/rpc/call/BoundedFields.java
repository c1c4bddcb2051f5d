package io.kveik.server.rpc.call;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;

/**
 * Parses small messages that carry lists, and counts the elements before it does: a message of
 * empty elements, two bytes each, would otherwise grow to fifty times its size on the heap before
 * anyone counts them.
 *
 * @param <Q> the message
 */
public final class BoundedFields<Q extends Message> implements MethodDescriptor.Marshaller<Q> {
  private final Q prototype;
  private final int maxFields;

  /**
   * @param maxFields most fields with a length of their own, in the message and in the messages
   *     directly in it; leave room for texts
   */
  public BoundedFields(Q prototype, int maxFields) {
    this.prototype = prototype;
    this.maxFields = maxFields;
  }

  @Override
  public InputStream stream(Q request) {
    throw new IllegalStateException("a server only receives requests");
  }

  @Override
  @SuppressWarnings("unchecked") // A prototype's parser makes messages of its own type.
  public Q parse(InputStream stream) {
    try {
      byte[] bytes = stream.readAllBytes();
      count(bytes);
      // Fields that this version does not know would take fifty times their size, too.
      return DiscardUnknownFieldsParser.wrap((Parser<Q>) prototype.getParserForType())
          .parseFrom(bytes);
    } catch (IOException e) {
      throw Status.INVALID_ARGUMENT
          .withDescription(prototype.getClass().getSimpleName() + ": not a valid protobuf message")
          .withCause(e)
          .asRuntimeException();
    }
  }

  private void count(byte[] bytes) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    int fields = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        in.skipField(tag);
        continue;
      }
      int length = in.readRawVarint32();
      int start = in.getTotalBytesRead();
      if (length < 0 || length > bytes.length - start) {
        throw new IOException("a field ends behind the message");
      }
      fields += 1 + elementsOf(bytes, start, length);
      if (fields > maxFields) {
        throw new IOException("more than " + maxFields + " fields");
      }
      in.skipRawBytes(length);
    }
  }

  /**
   * Elements of the field if it is a message. A text may look like one too, and then counts for at
   * most half its bytes.
   */
  private int elementsOf(byte[] bytes, int start, int length) {
    CodedInputStream in = CodedInputStream.newInstance(bytes, start, length);
    int elements = 0;
    try {
      for (int tag = in.readTag(); tag != 0 && elements <= maxFields; tag = in.readTag()) {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
          elements++;
        }
        in.skipField(tag);
      }
    } catch (IOException notOrNotOnlyElements) {
      return elements;
    }
    return elements;
  }
}
