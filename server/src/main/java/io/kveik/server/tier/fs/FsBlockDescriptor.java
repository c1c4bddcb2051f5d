package io.kveik.server.tier.fs;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockHeaderDescriptor;
import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.StoredBlock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The layout of a block's file, and the checks on its way in and out.
 *
 * <pre>
 *  0          160                   160 + payload length      160 + payload length
 *  |           |                     |                         + attributes length = end of file
 *  +-----------+---------------------+-------------------------+
 *  | header    | payload             | attributes              |
 *  +-----------+---------------------+-------------------------+
 *   {@link BlockHeaderDescriptor}: magic and version of the file, key, lengths, CRC32C of each part
 * </pre>
 *
 * <p>Payload and attributes together are at most {@link BlockChecks#MAX_BODY_BYTES}. A file is
 * sound when it is exactly as long as its header states, the header is of a known version, passes
 * its checksum and bears the key that the file is named by, and both parts pass theirs. So a torn,
 * truncated, extended, flipped or swapped file is told from a sound one, up to the odds of a CRC32C
 * collision.
 */
final class FsBlockDescriptor {
  static final int HEADER_LENGTH = BlockHeaderDescriptor.LENGTH;

  /** What file systems allocate by; for the tier's account of its disk. */
  private static final long DISK_BLOCK_BYTES = 4096;

  /** Tens of microseconds of copying. */
  private static final int PIECE_BYTES = 64 << 10;

  private FsBlockDescriptor() {}

  /** What the header of a file turned out to be. */
  sealed interface HeaderCheck {
    record Sound(BlockHeader header) implements HeaderCheck {}

    record Unsound(String reason) implements HeaderCheck {}
  }

  static long fileLength(BlockHeader header) {
    return HEADER_LENGTH + header.bodyLength();
  }

  /** What a file of that length takes on disk. */
  static long diskBytes(long fileLength) {
    return Math.ceilDiv(fileLength, DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES;
  }

  /**
   * Writes all of the block to a new file, piece by piece: a kernel that does not preempt itself
   * lets others have the processor between calls, and in the middle of none.
   */
  static void write(BlockFile file, StoredBlock block) throws IOException {
    ByteBuffer header = BlockHeaderDescriptor.encode(block.header());
    ByteBuffer body = block.body().asByteBuffer();
    int end = body.limit();
    while (header.hasRemaining() || body.position() < end) {
      body.limit(Math.min(end, body.position() + PIECE_BYTES));
      if (file.write(header, body) <= 0) {
        throw new IOException("write made no progress");
      }
    }
  }

  /** Reads and checks the header, against the key and the length of the file. */
  static HeaderCheck readHeader(BlockFile file, BlockKey key) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_LENGTH);
    if (!readFully(file, bytes, 0)) {
      return new HeaderCheck.Unsound("shorter than a header");
    }
    Optional<BlockHeader> decoded = BlockHeaderDescriptor.decode(bytes.flip());
    if (decoded.isEmpty()) {
      return new HeaderCheck.Unsound("header fails its check");
    }
    BlockHeader header = decoded.get();
    if (!header.key().equals(key)) {
      return new HeaderCheck.Unsound("holds another block");
    }
    long length = file.size();
    if (header.bodyLength() > BlockChecks.MAX_BODY_BYTES || length != fileLength(header)) {
      return new HeaderCheck.Unsound(length + " bytes long, header states " + fileLength(header));
    }
    return new HeaderCheck.Sound(header);
  }

  /**
   * Reads and checks a whole block, into memory that is asked for once its length is known good.
   */
  static GetOutcome read(BlockFile file, BlockKey key, BlockBuffers buffers) throws IOException {
    return switch (readHeader(file, key)) {
      case HeaderCheck.Unsound unsound -> new GetOutcome.Corrupt(unsound.reason());
      case HeaderCheck.Sound(BlockHeader header) -> readBody(file, header, buffers);
    };
  }

  private static GetOutcome readBody(BlockFile file, BlockHeader header, BlockBuffers buffers)
      throws IOException {
    Lease lease = buffers.allocate(Math.max(1, header.bodyLength()));
    if (lease == null) {
      return new GetOutcome.NoBuffer();
    }
    boolean handedOver = false;
    try {
      MemorySegment body = lease.segment().asSlice(0, header.bodyLength());
      if (!readFully(file, body.asByteBuffer(), HEADER_LENGTH)) {
        return new GetOutcome.Corrupt("body ends early");
      }
      String mismatch = BlockChecks.mismatch(header, body);
      if (mismatch != null) {
        return new GetOutcome.Corrupt(mismatch);
      }
      GetOutcome hit = new GetOutcome.Hit(StoredBlock.transfer(header, lease));
      handedOver = true;
      return hit;
    } finally {
      if (!handedOver) {
        lease.close();
      }
    }
  }

  private static boolean readFully(BlockFile file, ByteBuffer into, long offset)
      throws IOException {
    long at = offset;
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
}
