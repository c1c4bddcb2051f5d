package io.kveik.client.inplace;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli) of payloads, without a copy. About 30 GB/s from memory. */
public final class Checksums {
  private Checksums() {}

  /** Of a segment that is native or lies in a byte array. */
  public static int crc32c(MemorySegment segment) {
    CRC32C crc = new CRC32C();
    crc.update(segment.asByteBuffer());
    return (int) crc.getValue();
  }

  /** Of bytes that lie part after part; moves the buffers' positions to their limits. */
  public static int crc32c(List<ByteBuffer> parts) {
    CRC32C crc = new CRC32C();
    for (ByteBuffer part : parts) {
      crc.update(part);
    }
    return (int) crc.getValue();
  }
}
