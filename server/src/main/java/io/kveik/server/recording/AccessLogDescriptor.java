package io.kveik.server.recording;

import io.kveik.server.block.TurnEnd;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The byte layout of a file of a recording, version 2. Fixed fields are big-endian; varint is the
 * unsigned LEB128 of protobuf, zigzag its signed form.
 *
 * <pre>
 * header, 40 bytes                       frame, until the file ends
 *    0  magic "KVAL"   u32                  0  body length u32, 1 to 2^20
 *    4  version u16 | reserved u16 (0)      4  body CRC32C u32
 *    8  recording      u64                  8  entries, back to back
 *   16  sequence       u64
 *   24  started at     i64 epoch ms
 *   32  sample         u32: one chain in so many
 *   36  header CRC32C  u32 over bytes 0..35
 *
 * entry  1 namespace  u8 | keyed hash u64                  numbered from 0 as they come
 *        2 shape      u8 | namespace varint | tokens varint | body bytes varint
 *        3 request    u8 | time zigzag | namespace varint | base varint | new varint | new x u64
 *        4 turn end   u8 | end u8 | block varint          not in version 1
 * </pre>
 *
 * <p>A block stands for its whole chain, and the blocks of a file are numbered from 0 as they come.
 * A request's chain is that of block {@code base - 1}, or nothing where base is 0, and {@code new}
 * more blocks, each of which follows the one before. Its time is in milliseconds since the request
 * before it in the file, since {@code started at} for the first. A shape says what blocks of the
 * namespace are like from there on: so many tokens in so many bytes. A turn end tells why the turn
 * ended (1 end of turn, 2 tool use, 3 most tokens, 4 stop sequence, 5 cancelled) that used the
 * chain of a block last.
 *
 * <p>Files of one recording share a secret that is written nowhere. A frame that is cut off or
 * fails its checksum at the very end of a file is what a crash leaves; anywhere else it is damage.
 */
final class AccessLogDescriptor {
  static final int VERSION = 2;

  /** The oldest version that is read. */
  static final int OLDEST_VERSION = 1;

  static final int HEADER_BYTES = 40;
  static final int FRAME_HEADER_BYTES = 8;
  static final int MAX_BODY_BYTES = 1 << 20;

  static final byte NAMESPACE = 1;
  static final byte SHAPE = 2;
  static final byte REQUEST = 3;
  static final byte TURN_END = 4;

  /** The longest of them. */
  static final int MAX_TURN_END_BYTES = 1 + 1 + 5;

  /** The longest of a request's fields before its new blocks. */
  static final int MAX_REQUEST_HEAD_BYTES = 1 + 10 + 3 * 5;

  /** The longest namespace and shape entries together. */
  static final int MAX_NAMESPACE_BYTES = 1 + Long.BYTES + 1 + 3 * 5;

  private static final int MAGIC = 0x4B56414C;
  private static final int CRC_OFFSET = 36;
  private static final int VARINT_BITS = 7;
  private static final int VARINT_MORE = 0x80;
  private static final int MAX_VARINT_BYTES = 10;

  private AccessLogDescriptor() {}

  /** True when the bytes begin as a file of a recording does, whatever follows. */
  static boolean startsAsLog(ByteBuffer start) {
    return start.remaining() >= Integer.BYTES && start.getInt(start.position()) == MAGIC;
  }

  static ByteBuffer encode(AccessLogHeader header) {
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES);
    out.putInt(MAGIC).putShort((short) VERSION).putShort((short) 0);
    out.putLong(header.recording()).putLong(header.sequence()).putLong(header.startedAtMillis());
    out.putInt(header.sampleOneIn());
    out.putInt(crc(out.duplicate().flip()));
    return out.flip();
  }

  /**
   * Reads a header.
   *
   * @param in {@link #HEADER_BYTES}
   * @return empty when it is of another format or version, or fails its checksum
   */
  static Optional<AccessLogHeader> decodeHeader(ByteBuffer in) {
    int crc = crc(in.duplicate().limit(in.position() + CRC_OFFSET));
    int magic = in.getInt();
    int version = in.getShort();
    if (magic != MAGIC || version < OLDEST_VERSION || version > VERSION || in.getShort() != 0) {
      return Optional.empty();
    }
    AccessLogHeader header =
        new AccessLogHeader(in.getLong(), in.getLong(), in.getLong(), in.getInt());
    return in.getInt() == crc && header.sampleOneIn() > 0 ? Optional.of(header) : Optional.empty();
  }

  /**
   * Completes a frame.
   *
   * @param frame room for the frame's header and then its body, from 0 to its position
   */
  static void seal(ByteBuffer frame) {
    frame.flip();
    frame.putInt(0, frame.limit() - FRAME_HEADER_BYTES);
    frame.putInt(Integer.BYTES, crc(frame.duplicate().position(FRAME_HEADER_BYTES)));
  }

  /** How an end is written. */
  static byte code(TurnEnd end) {
    return switch (end) {
      case UNKNOWN -> 0;
      case END_TURN -> 1;
      case TOOL_USE -> 2;
      case MAX_TOKENS -> 3;
      case STOP_SEQUENCE -> 4;
      case CANCELLED -> 5;
    };
  }

  /** The end that is written so; unknown where no version has it. */
  static TurnEnd turnEnd(byte code) {
    return switch (code) {
      case 1 -> TurnEnd.END_TURN;
      case 2 -> TurnEnd.TOOL_USE;
      case 3 -> TurnEnd.MAX_TOKENS;
      case 4 -> TurnEnd.STOP_SEQUENCE;
      case 5 -> TurnEnd.CANCELLED;
      default -> TurnEnd.UNKNOWN;
    };
  }

  static void putVarint(ByteBuffer out, long value) {
    long left = value;
    while ((left & -VARINT_MORE) != 0) {
      out.put((byte) (left | VARINT_MORE));
      left >>>= VARINT_BITS;
    }
    out.put((byte) left);
  }

  static void putZigzag(ByteBuffer out, long value) {
    putVarint(out, (value << 1) ^ (value >> (Long.SIZE - 1)));
  }

  /**
   * Reads a varint.
   *
   * @throws java.nio.BufferUnderflowException when the bytes end before it does
   * @throws IllegalArgumentException when it is longer than any
   */
  static long getVarint(ByteBuffer in) {
    long value = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
      byte next = in.get();
      value |= (long) (next & (VARINT_MORE - 1)) << (i * VARINT_BITS);
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }

  static long getZigzag(ByteBuffer in) {
    long value = getVarint(in);
    return value >>> 1 ^ -(value & 1);
  }

  /** Of what is left of the buffer. */
  static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
