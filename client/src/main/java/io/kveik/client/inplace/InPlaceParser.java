package io.kveik.client.inplace;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses a message that carries a payload so that the payload is a view of the buffers it came in.
 * Protobuf itself copies every direct buffer to the heap (since it dropped {@code sun.misc.Unsafe},
 * it knows no other place for bytes).
 *
 * <p>Steps over the fields of the message and of the messages on the way to the payload, slices the
 * payload out, and leaves all that remains, some hundred bytes, to the generated classes. What is
 * malformed is refused; every length is checked against what is there before it is used. Used once,
 * by one thread.
 */
public final class InPlaceParser {
  /** Most bytes a message may have besides its payload; a block's attributes take a few hundred. */
  public static final int MAX_REST_BYTES = 256 * 1024;

  /** What a field costs at least, so that many small ones count too. */
  private static final int TAG_BYTES = 2;

  private final List<ByteBuffer> parts = new ArrayList<>();
  private final int size;
  private final PayloadPath path;
  private List<ByteBuffer> payload = List.of();
  private int part;
  private int position;
  private int restBytes;

  private InPlaceParser(List<ByteBuffer> message, PayloadPath path) {
    long length = 0;
    for (ByteBuffer buffer : message) {
      parts.add(buffer.asReadOnlyBuffer());
      length += buffer.remaining();
    }
    this.size = Math.toIntExact(length);
    this.path = path;
  }

  /**
   * Parses the bytes from position to limit of each buffer, and leaves the buffers as they are.
   *
   * @param path where in the message the payload is
   * @param into gets everything but the payload
   * @return the payload: read-only slices of the buffers
   * @throws IOException when the message is malformed
   */
  public static List<ByteBuffer> parse(
      List<ByteBuffer> message, PayloadPath path, MessageLite.Builder into) throws IOException {
    InPlaceParser parser = new InPlaceParser(message, path);
    into.mergeFrom(parser.withoutPayload(0, parser.size));
    return parser.payload;
  }

  /** The message at that level of the path, up to {@code end}; notes the payload. */
  private ByteString withoutPayload(int level, int end) throws IOException {
    int field = path.field(level);
    int wanted = lengthDelimited(field);
    ByteString.Output rest = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(rest);
    while (position < end) {
      int tag = tag(end);
      if (tag != wanted) {
        copyField(tag, end, out);
      } else if (path.endsAt(level)) {
        payload = slices(length(end), end);
      } else {
        int length = length(end);
        out.writeBytes(field, withoutPayload(level + 1, position + length));
      }
    }
    out.flush();
    return rest.toByteString();
  }

  private void copyField(int tag, int end, CodedOutputStream out) throws IOException {
    restBytes += TAG_BYTES;
    out.writeUInt32NoTag(tag);
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> {
        out.writeUInt64NoTag(varint(end));
        copy(0, end, out);
      }
      case WireFormat.WIRETYPE_FIXED64 -> copy(8, end, out);
      case WireFormat.WIRETYPE_FIXED32 -> copy(4, end, out);
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
        int length = length(end);
        out.writeUInt32NoTag(length);
        copy(length, end, out);
      }
      default -> throw malformed("tag " + tag + " is of no type in use");
    }
  }

  private void copy(int count, int end, CodedOutputStream out) throws IOException {
    restBytes += Math.min(count, MAX_REST_BYTES);
    if (restBytes > MAX_REST_BYTES) {
      throw malformed("it has more than " + MAX_REST_BYTES + " bytes besides the payload");
    }
    for (ByteBuffer slice : slices(count, end)) {
      byte[] bytes = new byte[slice.remaining()];
      slice.get(bytes);
      out.writeRawBytes(bytes);
    }
  }

  private List<ByteBuffer> slices(int count, int end) throws IOException {
    if (count > end - position) {
      throw malformed("it is cut off");
    }
    List<ByteBuffer> slices = new ArrayList<>();
    for (int left = count; left > 0; ) {
      ByteBuffer current = current();
      int length = Math.min(left, current.remaining());
      slices.add(current.slice(current.position(), length));
      current.position(current.position() + length);
      left -= length;
    }
    position += count;
    return slices;
  }

  private int tag(int end) throws IOException {
    long tag = varint(end);
    if (tag >>> 32 != 0 || WireFormat.getTagFieldNumber((int) tag) == 0) {
      throw malformed("tag " + Long.toUnsignedString(tag) + " is out of range");
    }
    return (int) tag;
  }

  /** A length that fits into what is left. */
  private int length(int end) throws IOException {
    long length = varint(end);
    if (length < 0 || length > end - position) {
      throw malformed("a field of " + Long.toUnsignedString(length) + " bytes ends too late");
    }
    return (int) length;
  }

  private long varint(int end) throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (position >= end) {
        throw malformed("it is cut off");
      }
      byte b = current().get();
      position++;
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("a number is longer than ten bytes");
  }

  /** The buffer that holds the next byte; there is one, since position is below size. */
  private ByteBuffer current() {
    while (!parts.get(part).hasRemaining()) {
      part++;
    }
    return parts.get(part);
  }

  private IOException malformed(String why) {
    return new IOException("malformed at byte " + position + ": " + why);
  }

  private static int lengthDelimited(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }
}
