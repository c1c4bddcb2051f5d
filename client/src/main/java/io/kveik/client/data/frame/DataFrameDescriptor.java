package io.kveik.client.data.frame;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The byte layout of the data port's frames, version 1. Big-endian.
 *
 * <pre>
 * header, 32 bytes, in front of every frame
 *    0  body length      u32   bytes after the header, without the payload
 *    4  payload length   u32   bytes after the body; 0 but in BLOCK and STORE
 *    8  request id       u64   grows within a connection; 0 where there is no request
 *   16  type u8 | flags u8 (0) | reserved u16 (0)
 *   20  payload CRC32C   u32   0 without a payload
 *   24  body CRC32C      u32   0 without a body
 *   28  header CRC32C    u32   over bytes 0..27
 *
 * bodies
 *   HELLO    magic "KVDP" u32 | version u16 | reserved u16 (0) | ticket 32 bytes | credit u64
 *   WELCOME  magic "KVDP" u32 | version u16 | reserved u16 (0)
 *            | block bytes u32 | blocks per LOAD u32 | requests at a time u32
 *   LOAD     deadline ms u32, 0 = none | count u32 | credit u64 | count × item
 *     item   id length u8 | id | offset u32 | length u32, 0 = to the end | room u32
 *   BLOCK    index u32, 0xFFFFFFFF = all not answered yet | status u8 | reserved u24 (0)
 *            | block bytes u32 | token count u32 | metadata
 *   STORE    token count u32 | TTL kind u4 | priority u4 | ack u8 | id length u8
 *            | parent length u8, 0 = none | TTL ms u64 | id | parent | metadata
 *   STORED   status u8 | ack u8 | reserved u16 (0) | detail, UTF-8
 *   CREDIT   bytes u64
 *   LEND     count u32 | count × (id length u8 | id); only on a Unix socket
 *   LENT     index u32 | status u8 | reserved u24 (0) | lease u64 | lease ms u32 | segment u32
 *            | segment bytes u64 | offset u64 | generation u64 | payload bytes u32
 *            | metadata bytes u32 | payload CRC32C u32 | token count u32 | path, UTF-8
 *   RELEASE  count u32 | count × lease u64
 *   MATCH    deadline ms u32, 0 = none | kveik.v1.MatchRequest by ids, without its namespace
 *   MATCHED  status u8 | reserved u24 (0) | kveik.v1.MatchResponse, or why there is none, UTF-8
 *   ERROR    code u16 | reserved u16 (0) | text, UTF-8
 *   CANCEL, PING, PONG, GOAWAY: no body
 * </pre>
 *
 * <p>A field called reserved or flags is 0 and a receiver refuses anything else. Ack: 0 the
 * server's default, 1 memory, 2 local, 3 shared.
 */
public final class DataFrameDescriptor {
  public static final int VERSION = 1;
  public static final int HEADER_BYTES = 32;
  public static final int TICKET_BYTES = 32;
  public static final int MIN_ID_BYTES = 16;
  public static final int MAX_ID_BYTES = 64;
  public static final int MAX_METADATA_BYTES = 4_096;

  /** Of a STORED's detail and an ERROR's text; what is longer is cut. */
  public static final int MAX_TEXT_BYTES = 1_024;

  /** Ack of a STORE that leaves it to the server; of a STORED that is not in the store. */
  public static final byte ACK_NONE = 0;

  public static final byte ACK_MEMORY = 1;
  public static final byte ACK_LOCAL = 2;
  public static final byte ACK_SHARED = 3;

  /** What the TTL of a STORE counts from: now. */
  public static final byte TTL_ABSOLUTE = 0;

  /** The latest lookup that found the block; until there is one, now. */
  public static final byte TTL_BY_LAST_USE = 1;

  /** The first lookup that finds the block. */
  public static final byte TTL_BY_FIRST_USE = 2;

  /** In a BLOCK: the status of every block of the LOAD that has not been answered. */
  public static final int ALL_BLOCKS = -1;

  static final int MAGIC = 0x4B564450;

  private static final int CRC_OFFSET = 28;

  private DataFrameDescriptor() {}

  /** Writes {@link #HEADER_BYTES} at the buffer's position and moves it. */
  public static void encode(FrameHeader header, ByteBuffer out) {
    int start = out.position();
    out.putInt(header.bodyBytes())
        .putInt(header.payloadBytes())
        .putLong(header.requestId())
        .put(header.type().code())
        .put((byte) 0)
        .putShort((short) 0)
        .putInt(header.payloadCrc32c())
        .putInt(header.bodyCrc32c());
    out.putInt(crc(out, start, CRC_OFFSET));
  }

  /**
   * Reads {@link #HEADER_BYTES} at the buffer's position and moves it. The lengths are checked for
   * sense only: how long a frame may be is for the receiver to know.
   *
   * @throws FrameException when the bytes are no header of this version
   */
  public static FrameHeader decode(ByteBuffer in) throws FrameException {
    int start = in.position();
    if (in.getInt(start + CRC_OFFSET) != crc(in, start, CRC_OFFSET)) {
      throw new FrameException(ErrorCode.PROTOCOL, "frame header: its checksum does not match");
    }
    int bodyBytes = in.getInt();
    int payloadBytes = in.getInt();
    long requestId = in.getLong();
    byte typeCode = in.get();
    int zero = in.get() | in.getShort();
    int payloadCrc = in.getInt();
    int bodyCrc = in.getInt();
    in.position(start + HEADER_BYTES);
    FrameType type =
        FrameType.of(typeCode)
            .orElseThrow(
                () -> new FrameException(ErrorCode.PROTOCOL, "frame type: unknown " + typeCode));
    if (zero != 0) {
      throw new FrameException(ErrorCode.PROTOCOL, type + ": flags or reserved bits are not 0");
    }
    if (bodyBytes < 0 || payloadBytes < 0) {
      throw new FrameException(
          ErrorCode.TOO_LARGE,
          "%s: body of %d, payload of %d bytes; limit %d"
              .formatted(
                  type,
                  Integer.toUnsignedLong(bodyBytes),
                  Integer.toUnsignedLong(payloadBytes),
                  Integer.MAX_VALUE));
    }
    if (payloadBytes > 0 && !type.hasPayload()) {
      throw new FrameException(ErrorCode.PROTOCOL, type + ": has a payload");
    }
    return new FrameHeader(type, requestId, bodyBytes, payloadBytes, bodyCrc, payloadCrc);
  }

  /** CRC32C of a part of the buffer; its position stays. */
  static int crc(ByteBuffer bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(offset, length));
    return (int) crc.getValue();
  }
}
