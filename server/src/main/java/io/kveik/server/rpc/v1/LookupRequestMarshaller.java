package io.kveik.server.rpc.v1;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.kveik.wire.v1.LookupRequest;
import java.io.IOException;
import java.io.InputStream;

/**
 * Parses a Lookup without ever keeping more numbers than one may have: a message of one-byte tokens
 * would otherwise grow to eight times its size, and more while its list grows, before anyone counts
 * them. Of a list that is too long one number too many is kept, so that the rules refuse it.
 */
final class LookupRequestMarshaller implements MethodDescriptor.Marshaller<LookupRequest> {
  private final int maxNumbers;

  /**
   * @param maxNumbers most tokens, and most hashes
   */
  LookupRequestMarshaller(int maxNumbers) {
    this.maxNumbers = maxNumbers;
  }

  @Override
  public InputStream stream(LookupRequest request) {
    throw new IllegalStateException("a server only receives requests");
  }

  @Override
  public LookupRequest parse(InputStream stream) {
    LookupRequest.Builder request = LookupRequest.newBuilder();
    CodedInputStream in = CodedInputStream.newInstance(stream);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        parseField(tag, in, request);
      }
      return request.build();
    } catch (IOException e) {
      throw Status.INVALID_ARGUMENT
          .withDescription("LookupRequest: not a valid protobuf message")
          .withCause(e)
          .asRuntimeException();
    }
  }

  private void parseField(int tag, CodedInputStream in, LookupRequest.Builder request)
      throws IOException {
    boolean text = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    boolean numbers = text || WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT;
    int field = WireFormat.getTagFieldNumber(tag);
    if (text && field == LookupRequest.RESOURCE_NAME_FIELD_NUMBER) {
      request.setResourceName(in.readStringRequireUtf8());
    } else if (text && field == LookupRequest.CONTAINER_NAME_FIELD_NUMBER) {
      request.setContainerName(in.readStringRequireUtf8());
    } else if (text && field == LookupRequest.PARTITION_KEY_FIELD_NUMBER) {
      request.setPartitionKey(in.readStringRequireUtf8());
    } else if (text && field == LookupRequest.COMPLETION_ID_FIELD_NUMBER) {
      request.setCompletionId(in.readStringRequireUtf8());
    } else if (numbers && field == LookupRequest.TOKENS_FIELD_NUMBER) {
      parseNumbers(text, in, request, true);
    } else if (numbers && field == LookupRequest.PRECOMPUTED_HASHES_FIELD_NUMBER) {
      parseNumbers(text, in, request, false);
    } else {
      in.skipField(tag);
    }
  }

  /** A repeated number, packed into one field or one a field: proto3 writes one, reads both. */
  private void parseNumbers(
      boolean packed, CodedInputStream in, LookupRequest.Builder request, boolean tokens)
      throws IOException {
    if (!packed) {
      add(in.readInt64(), request, tokens);
      return;
    }
    int end = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      add(in.readInt64(), request, tokens);
    }
    in.popLimit(end);
  }

  private void add(long number, LookupRequest.Builder request, boolean tokens) {
    int count = tokens ? request.getTokensCount() : request.getPrecomputedHashesCount();
    if (count > maxNumbers) {
      return;
    }
    if (tokens) {
      request.addTokens(number);
    } else {
      request.addPrecomputedHashes(number);
    }
  }
}
