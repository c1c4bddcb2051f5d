package io.kveik.server.tier.nvme;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/** One open segment file. Any thread; transfers at different places may run beside each other. */
interface SegmentFile extends Closeable {
  long size() throws IOException;

  /**
   * Reads into what remains of the buffer; may read less.
   *
   * @return bytes read, -1 at the end of the file
   */
  int read(ByteBuffer into, long position) throws IOException;

  /** Writes what remains of the buffer; may write less. Returns the bytes written. */
  int write(ByteBuffer from, long position) throws IOException;

  /**
   * Writes all of the pieces, one behind the other, by one call if the system takes that many bytes
   * at once. Only of pieces that {@link SegmentFiles#gathers} takes, in multiples of the alignment
   * together.
   */
  void writeGathered(List<MemorySegment> pieces, long position) throws IOException;

  /**
   * No gathered write is under way and none is expected for long: gives back what the system keeps
   * for those alone.
   */
  void rest() throws IOException;

  /**
   * Makes what was written before the call survive power loss. After a failure nobody knows what
   * does: the file must not be trusted with anything that was not synced before.
   */
  void force() throws IOException;

  @Override
  void close() throws IOException;

  /** Reads until the buffer is full. False when the file ends before that. */
  static boolean readFully(SegmentFile file, ByteBuffer into, long position) throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int read = file.read(into, at);
      if (read < 0) {
        return false;
      }
      if (read == 0) {
        throw new IOException("read made no progress");
      }
      at += read;
    }
    return true;
  }

  /** Writes until the buffer is empty. */
  static void writeFully(SegmentFile file, ByteBuffer from, long position) throws IOException {
    long at = position;
    while (from.hasRemaining()) {
      int written = file.write(from, at);
      if (written <= 0) {
        throw new IOException("write made no progress");
      }
      at += written;
    }
  }
}
