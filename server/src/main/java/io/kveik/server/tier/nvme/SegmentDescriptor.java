package io.kveik.server.tier.nvme;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The layout of a segment, version 1. Big-endian.
 *
 * <pre>
 *  0        4096                            table                        length - 4096    length
 *  |         |                               |                            |                |
 *  +---------+-------------------------------+----------------------------+----------------+
 *  | header  | records, each a multiple of   | their headers again, back  | footer         |
 *  |         | 4 KiB: {@link RecordDescriptor}       | to back, in order          |                |
 *  +---------+-------------------------------+----------------------------+----------------+
 *
 *  header                                     footer
 *     0  magic "KVNS"   u32                      0  magic "KVNF"  u32
 *     4  version u16 | reserved u16              4  version u16 | flags u16: 1 doubtful
 *     8  generation     u64, never 0             8  generation    u64
 *    16  first sequence u64: age of the segment 16  table at      u64, where it begins
 *    24  length         u64 of the segment      24  records       u32 in the table
 *    32  reserved, zero                         28  table CRC32C  u32
 *  4092  header CRC32C  u32 over 0..4091      4092  footer CRC32C u32 over 0..4091
 * </pre>
 *
 * <p>A segment has a footer once it takes no more records. Without a sound one (a crash, a torn
 * write) its records are looked for page by page. Records that the table lacks were never
 * acknowledged; a doubtful segment may have such, so its footer must stay. A header page of zeroes
 * says that the segment is free.
 */
final class SegmentDescriptor {
  static final int PAGE_BYTES = (int) RecordDescriptor.PAGE_BYTES;
  static final int VERSION = 1;

  /** Header, a page for a record, a page of table, footer. */
  static final long MIN_LENGTH_BYTES = 4L * PAGE_BYTES;

  private static final int HEADER_MAGIC = 0x4B564E53;
  private static final int FOOTER_MAGIC = 0x4B564E46;
  private static final int FLAGS = 6;
  private static final int DOUBTFUL = 1;
  private static final int CRC = PAGE_BYTES - Integer.BYTES;

  private SegmentDescriptor() {}

  /**
   * @param generation tells this life of the file from all others; not guessable
   * @param firstSequence what the first record would have
   * @param lengthBytes of the segment, footer included
   */
  record Header(long generation, long firstSequence, long lengthBytes) {}

  /**
   * @param generation of the segment
   * @param tableAt where the table begins, bytes
   * @param records in it
   * @param tableCrc32c of it
   * @param doubtful whether there may be records that the table lacks
   */
  record Footer(long generation, long tableAt, int records, int tableCrc32c, boolean doubtful) {
    long tableBytes() {
      return (long) records * RecordDescriptor.HEADER_BYTES;
    }
  }

  /** What table and footer of so many records take, bytes. */
  static long footerBytes(long records) {
    return RecordDescriptor.roundUp(records * RecordDescriptor.HEADER_BYTES) + PAGE_BYTES;
  }

  /** The longest record that a segment has room for. */
  static long maxRecordBytes(long segmentBytes) {
    return segmentBytes - PAGE_BYTES - footerBytes(1);
  }

  static long footerAt(long segmentBytes) {
    return segmentBytes - PAGE_BYTES;
  }

  /** Fills a page, from position to limit. */
  static void encode(Header header, ByteBuffer page) {
    ByteBuffer out = blank(page, HEADER_MAGIC);
    out.putLong(8, header.generation());
    out.putLong(16, header.firstSequence());
    out.putLong(24, header.lengthBytes());
    out.putInt(CRC, crc(out));
  }

  /** Fills a page, from position to limit. */
  static void encode(Footer footer, ByteBuffer page) {
    ByteBuffer out = blank(page, FOOTER_MAGIC);
    out.putShort(FLAGS, (short) (footer.doubtful() ? DOUBTFUL : 0));
    out.putLong(8, footer.generation());
    out.putLong(16, footer.tableAt());
    out.putInt(24, footer.records());
    out.putInt(28, footer.tableCrc32c());
    out.putInt(CRC, crc(out));
  }

  /**
   * @param page from position to limit
   * @return empty when it is no sound header
   */
  static Optional<Header> decodeHeader(ByteBuffer page) {
    ByteBuffer in = page.slice().order(ByteOrder.BIG_ENDIAN);
    if (!sound(in, HEADER_MAGIC)) {
      return Optional.empty();
    }
    Header header = new Header(in.getLong(8), in.getLong(16), in.getLong(24));
    return header.generation() == 0
            || header.firstSequence() < 0
            || header.lengthBytes() < MIN_LENGTH_BYTES
            || header.lengthBytes() > Location.MAX_SEGMENT_BYTES
            || header.lengthBytes() % PAGE_BYTES != 0
        ? Optional.empty()
        : Optional.of(header);
  }

  /**
   * @param page from position to limit
   * @param segment the sound header of the same segment
   * @return empty when it is no sound footer of that segment
   */
  static Optional<Footer> decodeFooter(ByteBuffer page, Header segment) {
    ByteBuffer in = page.slice().order(ByteOrder.BIG_ENDIAN);
    if (!sound(in, FOOTER_MAGIC) || in.getLong(8) != segment.generation()) {
      return Optional.empty();
    }
    Footer footer =
        new Footer(
            in.getLong(8),
            in.getLong(16),
            in.getInt(24),
            in.getInt(28),
            in.getShort(FLAGS) == DOUBTFUL);
    return footer.records() < 0
            || footer.tableAt() < PAGE_BYTES
            || footer.tableAt() % PAGE_BYTES != 0
            || footer.tableBytes() > footerAt(segment.lengthBytes()) - footer.tableAt()
        ? Optional.empty()
        : Optional.of(footer);
  }

  static boolean isBlank(ByteBuffer page) {
    for (int i = page.position(); i < page.limit(); i++) {
      if (page.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  private static ByteBuffer blank(ByteBuffer page, int magic) {
    ByteBuffer out = page.slice().order(ByteOrder.BIG_ENDIAN);
    for (int i = 0; i < PAGE_BYTES; i += Long.BYTES) {
      out.putLong(i, 0);
    }
    return out.putInt(0, magic).putShort(4, (short) VERSION);
  }

  private static boolean sound(ByteBuffer in, int magic) {
    return in.remaining() >= PAGE_BYTES
        && in.getInt(0) == magic
        && in.getShort(4) == VERSION
        && in.getInt(CRC) == crc(in);
  }

  private static int crc(ByteBuffer page) {
    CRC32C crc = new CRC32C();
    crc.update(page.duplicate().clear().limit(CRC));
    return (int) crc.getValue();
  }
}
