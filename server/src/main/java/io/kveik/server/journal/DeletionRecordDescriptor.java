package io.kveik.server.journal;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.OwedRemoval;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The byte layout of one record of {@code deletions.log}, version 1. Big-endian, 104 bytes; the
 * file is nothing but records.
 *
 * <pre>
 *    0  magic "KVDL"          u32 | version u16 | kind u8 | length of the tier's name u8
 *    8  tier's name           16 bytes of ASCII, rest zero
 *   24  written up to         i64 epoch ms
 *   32  namespace fingerprint 32 bytes
 *   64  block key             32 bytes, zero for kind 2
 *   96  reserved              4 bytes, zero
 *  100  record CRC32C         u32 over bytes 0..99
 *
 *  kind   1  the tier has yet to remove this block
 *         2  the tier has yet to remove all blocks of this namespace
 * </pre>
 */
final class DeletionRecordDescriptor implements RecordFormat<OwedRemoval> {
  static final int LENGTH = 104;
  static final int VERSION = 1;
  static final int MAX_TIER_NAME = 16;

  private static final int MAGIC = 0x4B56444C;
  private static final byte BLOCK = 1;
  private static final byte NAMESPACE = 2;
  private static final int TIER_OFFSET = 8;
  private static final int WRITTEN_OFFSET = 24;
  private static final int CRC_OFFSET = 100;
  private static final BlockKey NO_KEY = new BlockKey(0, 0, 0, 0);

  @Override
  public int length() {
    return LENGTH;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException for a tier's name of more than {@value #MAX_TIER_NAME} bytes
   */
  @Override
  public void encode(OwedRemoval removal, ByteBuffer out) {
    byte[] tier = removal.tier().getBytes(StandardCharsets.US_ASCII);
    if (tier.length > MAX_TIER_NAME) {
      throw new IllegalArgumentException(
          "tier name: " + tier.length + " bytes, at most " + MAX_TIER_NAME);
    }
    ByteBuffer record = ByteBuffer.allocate(LENGTH).order(ByteOrder.BIG_ENDIAN);
    record.putInt(MAGIC).putShort((short) VERSION);
    record.put(
        switch (removal) {
          case OwedRemoval.OfBlock _ -> BLOCK;
          case OwedRemoval.OfNamespace _ -> NAMESPACE;
        });
    record.put((byte) tier.length).put(tier);
    record.position(WRITTEN_OFFSET).putLong(removal.writtenUpToMillis());
    switch (removal) {
      case OwedRemoval.OfBlock(_, BlockRef block, _) -> {
        block.namespace().writeTo(record);
        block.key().writeTo(record);
      }
      case OwedRemoval.OfNamespace(_, Fingerprint namespace, _) -> {
        namespace.writeTo(record);
        NO_KEY.writeTo(record);
      }
    }
    record.putInt(CRC_OFFSET, RecordFormat.crc(record, CRC_OFFSET));
    out.put(record.clear());
  }

  @Override
  public Optional<OwedRemoval> decode(ByteBuffer buffer) {
    if (buffer.remaining() < LENGTH) {
      return Optional.empty();
    }
    ByteBuffer in = buffer.slice(buffer.position(), LENGTH).order(ByteOrder.BIG_ENDIAN);
    if (in.getInt() != MAGIC
        || in.getShort() != VERSION
        || in.getInt(CRC_OFFSET) != RecordFormat.crc(in, CRC_OFFSET)) {
      return Optional.empty();
    }
    byte kind = in.get();
    int tierLength = in.get();
    if (tierLength < 1 || tierLength > MAX_TIER_NAME) {
      return Optional.empty();
    }
    byte[] tierBytes = new byte[tierLength];
    in.get(TIER_OFFSET, tierBytes);
    String tier = new String(tierBytes, StandardCharsets.US_ASCII);
    in.position(WRITTEN_OFFSET);
    long writtenUpTo = in.getLong();
    Fingerprint namespace = Fingerprint.of(in);
    BlockKey key = BlockKey.of(in);
    return switch (kind) {
      case BLOCK ->
          Optional.of(new OwedRemoval.OfBlock(tier, new BlockRef(namespace, key), writtenUpTo));
      case NAMESPACE -> Optional.of(new OwedRemoval.OfNamespace(tier, namespace, writtenUpTo));
      default -> Optional.empty();
    };
  }
}
