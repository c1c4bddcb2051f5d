package io.kveik.server.journal;

import io.kveik.server.block.Fingerprint;
import io.kveik.server.cache.eviction.PolicyKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The byte layout of one record of {@code policies}, version 1. Big-endian, 48 bytes; the file is
 * nothing but records.
 *
 * <pre>
 *    0  magic "KVEP"          u32 | version u16 | policy u8 | reserved u8, zero
 *    8  namespace fingerprint 32 bytes
 *   40  reserved              4 bytes, zero
 *   44  record CRC32C         u32 over bytes 0..43
 *
 *  policy  1 default, 2 lru, 3 s3-fifo, 4 arc, 5 hit-density ({@link PolicyKind#code})
 * </pre>
 */
final class PolicyRecordDescriptor {
  static final int LENGTH = 48;
  static final int VERSION = 1;

  private static final int MAGIC = 0x4B564550;
  private static final int CRC_OFFSET = 44;

  /** What a record says. */
  record Entry(Fingerprint namespace, PolicyKind policy) {}

  private PolicyRecordDescriptor() {}

  /** Appends a record at the buffer's position. */
  static void encode(Entry entry, ByteBuffer out) {
    ByteBuffer record = ByteBuffer.allocate(LENGTH).order(ByteOrder.BIG_ENDIAN);
    record.putInt(MAGIC).putShort((short) VERSION).put((byte) entry.policy().code()).put((byte) 0);
    entry.namespace().writeTo(record);
    record.putInt(CRC_OFFSET, crc(record));
    out.put(record.clear());
  }

  /**
   * Reads the {@link #LENGTH} bytes after the buffer's position, and moves it past them.
   *
   * @return empty when they are of another format or version, or fail their checksum
   */
  static Optional<Entry> decode(ByteBuffer in) {
    ByteBuffer record = in.slice(in.position(), LENGTH).order(ByteOrder.BIG_ENDIAN);
    in.position(in.position() + LENGTH);
    if (record.getInt() != MAGIC
        || record.getShort() != VERSION
        || record.getInt(CRC_OFFSET) != crc(record)) {
      return Optional.empty();
    }
    Optional<PolicyKind> policy = PolicyKind.ofCode(record.get());
    record.get();
    Fingerprint namespace = Fingerprint.of(record);
    return policy.map(kind -> new Entry(namespace, kind));
  }

  private static int crc(ByteBuffer record) {
    CRC32C crc = new CRC32C();
    crc.update(record.duplicate().clear().limit(CRC_OFFSET));
    return (int) crc.getValue();
  }
}
