package io.kveik.server.journal;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/** How one kind of entry lies in a journal: in records of one length that check themselves. */
interface RecordFormat<T> {
  /** Bytes of a record. */
  int length();

  /**
   * Appends a record at the buffer's position.
   *
   * @throws IllegalArgumentException for an entry that the format has no room for
   */
  void encode(T entry, ByteBuffer out);

  /**
   * Reads the {@link #length} bytes after the buffer's position, which stays.
   *
   * @return empty when they are too few, of another format or version, or fail their checksum
   */
  Optional<T> decode(ByteBuffer in);

  /** CRC32C of the first so many bytes of a buffer. */
  static int crc(ByteBuffer record, int length) {
    CRC32C crc = new CRC32C();
    crc.update(record.duplicate().clear().limit(length));
    return (int) crc.getValue();
  }
}
