package io.kveik.client.data.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Takes a body apart, field by field, and refuses one that is too short, too long or not zero where
 * it must be. One thread.
 */
final class BodyReader {
  private final FrameType type;
  private final ByteBuffer in;

  BodyReader(FrameType type, byte[] body) {
    this.type = type;
    this.in = ByteBuffer.wrap(body);
  }

  byte u8() throws FrameException {
    need(Byte.BYTES);
    return in.get();
  }

  short u16() throws FrameException {
    need(Short.BYTES);
    return in.getShort();
  }

  int u32() throws FrameException {
    need(Integer.BYTES);
    return in.getInt();
  }

  long u64() throws FrameException {
    need(Long.BYTES);
    return in.getLong();
  }

  byte[] bytes(int count) throws FrameException {
    need(count);
    byte[] bytes = new byte[count];
    in.get(bytes);
    return bytes;
  }

  byte[] rest() {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    return bytes;
  }

  String restAsText() {
    return new String(rest(), StandardCharsets.UTF_8);
  }

  void skip(int count) throws FrameException {
    need(count);
    in.position(in.position() + count);
  }

  /** An id; {@code mayBeEmpty} for a parent that there is none of. */
  byte[] id(int length, boolean mayBeEmpty) throws FrameException {
    if (length != 0 || !mayBeEmpty) {
      checkId(length);
    }
    return bytes(length);
  }

  void checkId(int length) throws FrameException {
    if (length < DataFrameDescriptor.MIN_ID_BYTES || length > DataFrameDescriptor.MAX_ID_BYTES) {
      throw wrong(
          "id of %d bytes, must be %d to %d"
              .formatted(
                  length, DataFrameDescriptor.MIN_ID_BYTES, DataFrameDescriptor.MAX_ID_BYTES));
    }
  }

  void zero(int reserved) throws FrameException {
    if (reserved != 0) {
      throw wrong("reserved bits are not 0");
    }
  }

  void end() throws FrameException {
    if (in.hasRemaining()) {
      throw wrong(in.remaining() + " bytes too many");
    }
  }

  /** Magic and version, as HELLO and WELCOME begin. */
  void greeting() throws FrameException {
    if (u32() != DataFrameDescriptor.MAGIC) {
      throw wrong("not the data port's protocol");
    }
    int version = Short.toUnsignedInt(u16());
    if (version != DataFrameDescriptor.VERSION) {
      throw new FrameException(
          ErrorCode.VERSION,
          type + ": version " + version + ", this side speaks " + DataFrameDescriptor.VERSION);
    }
    zero(u16());
  }

  FrameException wrong(String what) {
    return new FrameException(ErrorCode.PROTOCOL, type + ": " + what);
  }

  private void need(int bytes) throws FrameException {
    if (in.remaining() < bytes) {
      throw wrong("body ends in the middle of a field");
    }
  }
}
