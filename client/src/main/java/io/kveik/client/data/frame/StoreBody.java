package io.kveik.client.data.frame;

import java.nio.ByteBuffer;

/**
 * Body of STORE. Numbers are as they came: what they may be is for the server to say.
 *
 * @param tokenCount unsigned
 * @param priority 0 to 15
 * @param ack one of {@link DataFrameDescriptor}'s
 * @param ttlKind what the TTL counts from: one of {@link DataFrameDescriptor}'s, at most 15
 * @param ttlMillis 0 for none
 * @param parentId empty for the first block of a chain
 */
public record StoreBody(
    byte[] id,
    byte[] parentId,
    int tokenCount,
    byte priority,
    byte ack,
    byte ttlKind,
    long ttlMillis,
    byte[] metadata) {
  public static final int FIXED_BYTES = 16;
  public static final int MAX_BYTES =
      FIXED_BYTES + 2 * DataFrameDescriptor.MAX_ID_BYTES + DataFrameDescriptor.MAX_METADATA_BYTES;

  private static final int HALF_BYTE = 4;
  private static final int LOW_HALF = 15;

  public int encodedBytes() {
    return FIXED_BYTES + id.length + parentId.length + metadata.length;
  }

  public void encode(ByteBuffer out) {
    out.putInt(tokenCount)
        .put((byte) (ttlKind << HALF_BYTE | priority))
        .put(ack)
        .put((byte) id.length)
        .put((byte) parentId.length)
        .putLong(ttlMillis)
        .put(id)
        .put(parentId)
        .put(metadata);
  }

  /**
   * @throws FrameException when it is no STORE
   */
  public static StoreBody decode(byte[] body) throws FrameException {
    BodyReader in = new BodyReader(FrameType.STORE, body);
    int tokenCount = in.u32();
    int priorityAndKind = Byte.toUnsignedInt(in.u8());
    byte ack = in.u8();
    int idBytes = Byte.toUnsignedInt(in.u8());
    int parentBytes = Byte.toUnsignedInt(in.u8());
    long ttlMillis = in.u64();
    return new StoreBody(
        in.id(idBytes, false),
        in.id(parentBytes, true),
        tokenCount,
        (byte) (priorityAndKind & LOW_HALF),
        ack,
        (byte) (priorityAndKind >>> HALF_BYTE),
        ttlMillis,
        in.rest());
  }
}
