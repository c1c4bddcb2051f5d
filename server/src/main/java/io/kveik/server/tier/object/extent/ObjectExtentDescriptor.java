package io.kveik.server.tier.object.extent;

import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.tier.object.BlobHead;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * How several blocks lie in one blob, version 1; its path is an {@link ExtentName}. Big-endian.
 *
 * <pre>
 *  header, 80 bytes
 *    0  magic "KVKX"     u32 | version u16 | blocks u16: 0 to {@value #MAX_BLOCKS}
 *    8  lineage          u64
 *   16  stamp            u64   drawn for each generation; its records bear it
 *   24  written at       i64   epoch ms
 *   32  generation       u32 | blob length u32
 *   40  namespace        32 bytes
 *   72  table CRC32C     u32
 *   76  header CRC32C    u32   over bytes 0..75
 *
 *  table, 48 bytes a block
 *    0  key              32 bytes
 *   32  ends at          i64   epoch ms; 0 = never, or that depends on uses
 *   40  record length    u32 | reserved u32 (0)
 *
 *  records, back to back in the order of the table
 *    0  stamp            u64
 *    8  head             {@link BlobHead}, 176 bytes
 *  184  payload, encoded or not; attributes as they are
 *
 *  zeroes up to {@value #PREFIX_BYTES} bytes, where all that is shorter
 * </pre>
 *
 * <p>So the first {@value #PREFIX_BYTES} bytes of any extent have its whole table, and one range
 * has a whole block. An extent of no blocks says that all of its lineage are gone.
 */
final class ObjectExtentDescriptor {
  static final int VERSION = 1;
  static final int MAX_BLOCKS = 256;

  /** A blob's length and every place in it fits an int with room to spare. */
  static final int MAX_BYTES = 256 << 20;

  static final int HEADER_BYTES = 80;
  static final int ENTRY_BYTES = 48;
  static final int PREFIX_BYTES = HEADER_BYTES + MAX_BLOCKS * ENTRY_BYTES;

  /** In front of a record's body. */
  static final int RECORD_HEAD_BYTES = Long.BYTES + BlobHead.BYTES;

  private static final int MAGIC = 0x4B564B58;
  private static final int TABLE_CRC_OFFSET = 72;
  private static final int HEADER_CRC_OFFSET = 76;

  private ObjectExtentDescriptor() {}

  /** What the first bytes of a blob turned out to say. */
  sealed interface Check {
    record Sound(Extent extent) implements Check {}

    record Unsound(String reason) implements Check {}
  }

  /** One line of the table. */
  record Entry(BlockKey key, long endsAtMillis, int recordLength) {}

  /** Where the first record begins. */
  static int recordsAt(int blocks) {
    return HEADER_BYTES + blocks * ENTRY_BYTES;
  }

  /** What so many blocks with that many bytes in their bodies take at most. */
  static long bytesFor(int blocks, long bodyBytes) {
    long all = recordsAt(blocks) + (long) blocks * RECORD_HEAD_BYTES + bodyBytes;
    return Math.max(PREFIX_BYTES, all);
  }

  /**
   * Writes header and table before records that lie where they belong, and tells what was made.
   *
   * @param blob the whole of it
   */
  static Extent seal(
      ExtentName name, long stamp, long writtenAtMillis, List<Entry> entries, MemorySegment blob) {
    ByteBuffer out = blob.asSlice(0, recordsAt(entries.size())).asByteBuffer();
    out.position(HEADER_BYTES);
    for (Entry entry : entries) {
      entry.key().writeTo(out);
      out.putLong(entry.endsAtMillis()).putInt(entry.recordLength()).putInt(0);
    }
    out.position(0).putInt(MAGIC).putShort((short) VERSION).putShort((short) entries.size());
    out.putLong(name.lineage()).putLong(stamp).putLong(writtenAtMillis);
    out.putInt(name.generation()).putInt((int) blob.byteSize());
    name.namespace().writeTo(out);
    out.putInt(TABLE_CRC_OFFSET, tableCrc(blob, entries.size()));
    out.putInt(HEADER_CRC_OFFSET, Crc32c.of(blob, 0, HEADER_CRC_OFFSET));
    return extent(name, blob.asSlice(0, recordsAt(entries.size())).asByteBuffer());
  }

  /**
   * Checks header and table.
   *
   * @param name that the blob bears
   * @param start at least the first {@value #PREFIX_BYTES} bytes of it
   */
  static Check check(ExtentName name, MemorySegment start) {
    ByteBuffer in = start.asSlice(0, PREFIX_BYTES).asByteBuffer();
    if (in.getInt(0) != MAGIC || in.getShort(4) != VERSION) {
      return new Check.Unsound("no extent of version " + VERSION);
    }
    if (in.getInt(HEADER_CRC_OFFSET) != Crc32c.of(start, 0, HEADER_CRC_OFFSET)) {
      return new Check.Unsound("header fails its checksum");
    }
    int blocks = Short.toUnsignedInt(in.getShort(6));
    long blobLength = Integer.toUnsignedLong(in.getInt(36));
    if (blocks > MAX_BLOCKS || blobLength < PREFIX_BYTES || blobLength > MAX_BYTES) {
      return new Check.Unsound(
          "states %d blocks in %d bytes, at most %d in %d"
              .formatted(blocks, blobLength, MAX_BLOCKS, MAX_BYTES));
    }
    if (in.getLong(8) != name.lineage()
        || in.getInt(32) != name.generation()
        || !Fingerprint.of(in.slice(40, Fingerprint.BYTES)).equals(name.namespace())) {
      return new Check.Unsound("is another extent");
    }
    if (in.getInt(TABLE_CRC_OFFSET) != tableCrc(start, blocks)) {
      return new Check.Unsound("table fails its checksum");
    }
    return checkRecords(in, blocks, blobLength)
        ? new Check.Sound(extent(name, in))
        : new Check.Unsound("records are not where the table says");
  }

  private static boolean checkRecords(ByteBuffer in, int blocks, long blobLength) {
    long end = recordsAt(blocks);
    for (int i = 0; i < blocks; i++) {
      long length = Integer.toUnsignedLong(in.getInt(recordsAt(i) + 40));
      if (length < RECORD_HEAD_BYTES) {
        return false;
      }
      end += length;
    }
    return Math.max(end, PREFIX_BYTES) == blobLength;
  }

  /** The key of a block as the table has it. */
  static BlockKey key(MemorySegment start, int index) {
    return BlockKey.of(start.asSlice(recordsAt(index), BlockKey.BYTES).asByteBuffer());
  }

  private static Extent extent(ExtentName name, ByteBuffer in) {
    int blocks = Short.toUnsignedInt(in.getShort(6));
    long[] keys = new long[2 * blocks];
    long[] ends = new long[blocks];
    int[] offsets = new int[blocks + 1];
    offsets[0] = recordsAt(blocks);
    for (int i = 0; i < blocks; i++) {
      int at = recordsAt(i);
      keys[2 * i] = in.getLong(at);
      keys[2 * i + 1] = in.getLong(at + Long.BYTES);
      ends[i] = in.getLong(at + 32);
      offsets[i + 1] = offsets[i] + in.getInt(at + 40);
    }
    return new Extent(name, in.getLong(16), in.getLong(24), in.getInt(36), keys, ends, offsets);
  }

  private static int tableCrc(MemorySegment start, int blocks) {
    return Crc32c.of(start, HEADER_BYTES, (long) blocks * ENTRY_BYTES);
  }
}
