package io.kveik.server.tier.fs;

import io.kveik.server.block.BlockKey;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.GetOutcome;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.encoded.BodyReader;
import io.kveik.server.tier.fs.FsBlockDescriptor.HeadCheck;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Moves blocks between memory and their files, checked. A body is read by one call straight into
 * memory of the reader's; that of a payload that is stored encoded is given back once it is
 * decoded. Any thread; blocks on I/O.
 */
final class BlockTransfer {
  /** Tens of microseconds of copying. */
  private static final int PIECE_BYTES = 64 << 10;

  private final BodyReader reader;

  /**
   * @param codec stays its owner's
   */
  BlockTransfer(BodyCodec codec) {
    this.reader = new BodyReader(codec);
  }

  /**
   * Writes all of a block to a new file, piece by piece: a kernel that does not preempt itself lets
   * others have the processor between calls, and in the middle of none.
   *
   * @param stored the body as the head says that it is stored
   */
  static void write(BlockFile file, FileHead head, MemorySegment stored) throws IOException {
    ByteBuffer bytes = FsBlockDescriptor.encode(head);
    ByteBuffer body = stored.asByteBuffer();
    int end = body.limit();
    while (bytes.hasRemaining() || body.position() < end) {
      body.limit(Math.min(end, body.position() + PIECE_BYTES));
      if (file.write(bytes, body) <= 0) {
        throw new IOException("write made no progress");
      }
    }
  }

  /** Reads and checks the head, against the key and the length of the file. */
  static HeadCheck readHead(BlockFile file, BlockKey key) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(FsBlockDescriptor.ENCODED_HEAD_LENGTH);
    if (!readFully(file, bytes.limit(FsBlockDescriptor.PLAIN_HEAD_LENGTH), 0)) {
      return new HeadCheck.Unsound("shorter than a header");
    }
    int read = bytes.position();
    if (!readFully(file, bytes.limit(FsBlockDescriptor.headLength(bytes)), read)) {
      return new HeadCheck.Unsound("shorter than its head");
    }
    return FsBlockDescriptor.check(bytes.flip(), key, file.size());
  }

  /**
   * Reads and checks a whole block, into memory that is asked for once its length is known good. A
   * file that can't be read by this version is absent.
   *
   * @throws IOException also when the payload is encoded and this machine can't load what decodes
   *     it
   */
  GetOutcome read(BlockFile file, BlockKey key, BlockBuffers buffers) throws IOException {
    return switch (readHead(file, key)) {
      case HeadCheck.Sound(FileHead head) -> readBody(file, head, buffers);
      case HeadCheck.Foreign() -> new GetOutcome.Absent();
      case HeadCheck.Unsound(String reason) -> new GetOutcome.Corrupt(reason);
    };
  }

  private GetOutcome readBody(BlockFile file, FileHead head, BlockBuffers buffers)
      throws IOException {
    Lease lease = buffers.allocate(Math.max(1, head.bodyLength()));
    if (lease == null) {
      return new GetOutcome.NoBuffer();
    }
    try (lease) {
      MemorySegment body = lease.segment().asSlice(0, head.bodyLength());
      return readFully(file, body.asByteBuffer(), head.length())
          ? reader.read(head.header(), head.encoding(), lease, 0, buffers)
          : new GetOutcome.Corrupt("body ends early");
    } catch (LinkageError e) {
      // Without a codec of its own the tier loads none before it needs one.
      throw new IOException("no decompressor: " + e.getMessage(), e);
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
