package io.kveik.server.journal;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.BlockRef;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.KeptSetting;
import io.kveik.server.cache.KeptSetting.Subject;
import io.kveik.server.cache.KeptSetting.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The byte layout of one record of {@code settings.log}, version 1. Big-endian, 104 bytes; the file
 * is nothing but records.
 *
 * <pre>
 *    0  magic "KVSL"          u32 | version u16 | subject u8 | setting u8
 *    8  written up to         i64 epoch ms
 *   16  namespace fingerprint 32 bytes
 *   48  block key             32 bytes, zero for subject 2
 *   80  TTL                   i64 ms, 0 = none; zero for settings 1 and 3
 *   88  ends at               i64 epoch ms; zero but for a TTL of kind absolute
 *   96  value                 u8 | reserved 3 bytes, zero
 *  100  record CRC32C         u32 over bytes 0..99
 *
 *  subject  1 a block | 2 all blocks of a namespace
 *  setting  1 priority: the value | 2 TTL: the value is its kind ({@link TtlKind#code})
 *           3 pin: the value is 1 for pinned, 0 for not
 * </pre>
 */
final class SettingRecordDescriptor implements RecordFormat<KeptSetting> {
  static final int LENGTH = 104;
  static final int VERSION = 1;

  private static final int MAGIC = 0x4B56534C;
  private static final byte BLOCK = 1;
  private static final byte NAMESPACE = 2;
  private static final byte PRIORITY = 1;
  private static final byte TTL = 2;
  private static final byte PIN = 3;
  private static final int CRC_OFFSET = 100;
  private static final BlockKey NO_KEY = new BlockKey(0, 0, 0, 0);

  @Override
  public int length() {
    return LENGTH;
  }

  @Override
  public void encode(KeptSetting entry, ByteBuffer out) {
    ByteBuffer record = ByteBuffer.allocate(LENGTH).order(ByteOrder.BIG_ENDIAN);
    record.putInt(MAGIC).putShort((short) VERSION);
    record.put(
        switch (entry.subject()) {
          case Subject.OfBlock _ -> BLOCK;
          case Subject.OfNamespace _ -> NAMESPACE;
        });
    record.put(
        switch (entry.value()) {
          case Value.Priority _ -> PRIORITY;
          case Value.Ttl _ -> TTL;
          case Value.Pinned _ -> PIN;
        });
    record.putLong(entry.writtenUpToMillis());
    switch (entry.subject()) {
      case Subject.OfBlock(BlockRef block) -> {
        block.namespace().writeTo(record);
        block.key().writeTo(record);
      }
      case Subject.OfNamespace(Fingerprint namespace) -> {
        namespace.writeTo(record);
        NO_KEY.writeTo(record);
      }
    }
    switch (entry.value()) {
      case Value.Priority(int level) -> record.putLong(0).putLong(0).put((byte) level);
      case Value.Ttl(TtlKind kind, long ttlMillis, long endsAtMillis) ->
          record.putLong(ttlMillis).putLong(endsAtMillis).put((byte) kind.code());
      case Value.Pinned(boolean pinned) ->
          record.putLong(0).putLong(0).put((byte) (pinned ? 1 : 0));
    }
    record.putInt(CRC_OFFSET, RecordFormat.crc(record, CRC_OFFSET));
    out.put(record.clear());
  }

  @Override
  public Optional<KeptSetting> decode(ByteBuffer buffer) {
    if (buffer.remaining() < LENGTH) {
      return Optional.empty();
    }
    ByteBuffer in = buffer.slice(buffer.position(), LENGTH).order(ByteOrder.BIG_ENDIAN);
    if (in.getInt() != MAGIC
        || in.getShort() != VERSION
        || in.getInt(CRC_OFFSET) != RecordFormat.crc(in, CRC_OFFSET)) {
      return Optional.empty();
    }
    byte subjectKind = in.get();
    byte setting = in.get();
    long writtenUpToMillis = in.getLong();
    Optional<Subject> subject = subject(subjectKind, Fingerprint.of(in), BlockKey.of(in));
    Optional<Value> value = value(setting, in.getLong(), in.getLong(), in.get());
    return subject.isEmpty() || value.isEmpty()
        ? Optional.empty()
        : Optional.of(new KeptSetting(subject.get(), value.get(), writtenUpToMillis));
  }

  private static Optional<Subject> subject(byte kind, Fingerprint namespace, BlockKey key) {
    return switch (kind) {
      case BLOCK -> Optional.of(new Subject.OfBlock(new BlockRef(namespace, key)));
      case NAMESPACE -> Optional.of(new Subject.OfNamespace(namespace));
      default -> Optional.empty();
    };
  }

  private static Optional<Value> value(
      byte setting, long ttlMillis, long endsAtMillis, byte value) {
    return switch (setting) {
      case PRIORITY ->
          value >= 0 && value <= BlockHeader.MAX_PRIORITY
              ? Optional.of(new Value.Priority(value))
              : Optional.empty();
      case TTL ->
          ttlMillis >= 0 && TtlKind.isCode(value)
              ? Optional.of(new Value.Ttl(TtlKind.ofCode(value), ttlMillis, endsAtMillis))
              : Optional.empty();
      case PIN -> Optional.of(new Value.Pinned(value != 0));
      default -> Optional.empty();
    };
  }
}
