package io.kveik.server.tier.nvme;

import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockKey;
import io.kveik.server.codec.Encoding;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.BlockBuffers;
import io.kveik.server.tier.BlockChecks;
import io.kveik.server.tier.StoredBlock;
import io.kveik.server.tier.encoded.BodyCodec;
import io.kveik.server.tier.encoded.DecodedBody;
import io.kveik.server.tier.nvme.StagingBuffers.Staging;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads records out of segments, checked, and copies them from one to another.
 *
 * <p>A large body is read by one call straight into the memory that the reader gets, which is asked
 * for with room for the record's header and, under direct I/O, for alignment. Small ones, for which
 * that room would weigh, and what is written again pass through a staging buffer. A body that is
 * encoded is decoded from either into memory of its own. Nothing of a body is ever on the heap. Any
 * thread.
 */
final class RecordTransfer {
  /** From here on a read in place saves more than its memory costs. */
  private static final long IN_PLACE_BYTES = 128 << 10;

  /** How leases are aligned anyway. */
  private static final int LEASE_ALIGNMENT = 64;

  private static final String ENDS_EARLY = "file ends early";

  private final StagingBuffers staging;
  private final ReadWindow window;
  private final int alignmentBytes;
  private final BodyCodec codec;
  private final NvmeCounters counters;

  RecordTransfer(
      StagingBuffers staging,
      ReadWindow window,
      int alignmentBytes,
      BodyCodec codec,
      NvmeCounters counters) {
    this.staging = staging;
    this.window = window;
    this.alignmentBytes = alignmentBytes;
    this.codec = codec;
    this.counters = counters;
  }

  /** What a read of a record found. */
  sealed interface ReadOutcome {
    /** The receiver closes the block. */
    record Sound(StoredBlock block) implements ReadOutcome {}

    record Unsound(String reason) implements ReadOutcome {}

    record NoBuffer() implements ReadOutcome {}
  }

  /** What a look at a record's header found. */
  sealed interface HeaderCheck {
    record Sound(RecordHeader header) implements HeaderCheck {}

    record Unsound(String reason) implements HeaderCheck {}
  }

  /**
   * Copies a record under a new header.
   *
   * @return false when what was read is unsound: the copy must not be used
   * @throws IOException when the copy could not be written; that it could not be read is unsound
   */
  boolean copy(
      Segment from,
      long fromPosition,
      RecordHeader record,
      SegmentFile to,
      long toPosition,
      ByteBuffer newHeader)
      throws IOException {
    BodyChecksum checksum = new BodyChecksum(record);
    try (Staging one = staging.take()) {
      ByteBuffer piece = one.buffer();
      long recordBytes = record.recordBytes();
      for (long at = 0; at < recordBytes; at += piece.capacity()) {
        piece.clear().limit((int) Math.min(piece.capacity(), recordBytes - at));
        if (!readPiece(from.file, piece, fromPosition + at)) {
          return false;
        }
        checksum.update(bodyIn(piece, at, record.storedLength()));
        if (at == 0) {
          piece.put(0, newHeader, 0, RecordDescriptor.HEADER_BYTES);
        }
        SegmentFile.writeFully(to, piece, toPosition + at);
      }
    }
    counters.writtenBytes.add(record.recordBytes());
    return checksum.mismatch() == null;
  }

  private static boolean readPiece(SegmentFile file, ByteBuffer piece, long position) {
    try {
      boolean whole = SegmentFile.readFully(file, piece, position);
      piece.flip();
      return whole;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Reads a block.
   *
   * @param location where the index has it in this segment
   */
  ReadOutcome read(Segment segment, long location, BlockKey key, BlockBuffers buffers)
      throws IOException {
    long recordBytes = Location.recordBytes(location);
    if (recordBytes >= IN_PLACE_BYTES) {
      long slack = Math.max(0, alignmentBytes - LEASE_ALIGNMENT);
      Lease lease = buffers.allocate(recordBytes + slack);
      if (lease != null) {
        return readInPlace(segment, location, key, lease, buffers);
      }
    }
    return readThroughStaging(segment, location, key, buffers);
  }

  private ReadOutcome readInPlace(
      Segment segment, long location, BlockKey key, Lease lease, BlockBuffers buffers)
      throws IOException {
    boolean handedOver = false;
    try {
      MemorySegment memory = lease.segment();
      int start = (int) (-memory.address() & (alignmentBytes - 1));
      MemorySegment record = memory.asSlice(start, Location.recordBytes(location));
      ByteBuffer into = record.asByteBuffer();
      if (!readInTurn(segment, into, Location.position(location))) {
        return new ReadOutcome.Unsound(ENDS_EARLY);
      }
      switch (check(into, segment, location, key)) {
        case HeaderCheck.Unsound(String reason) -> {
          return new ReadOutcome.Unsound(reason);
        }
        case HeaderCheck.Sound(RecordHeader header) -> {
          MemorySegment body = record.asSlice(RecordDescriptor.HEADER_BYTES, header.storedLength());
          if (header.encoding() != null) {
            return decoded(header.block(), header.encoding(), body, buffers);
          }
          String mismatch = BlockChecks.mismatch(header.block(), body);
          if (mismatch != null) {
            return new ReadOutcome.Unsound(mismatch);
          }
          ReadOutcome sound =
              new ReadOutcome.Sound(
                  StoredBlock.transfer(
                      header.block(), lease, start + RecordDescriptor.HEADER_BYTES));
          handedOver = true;
          return sound;
        }
      }
    } finally {
      if (!handedOver) {
        lease.close();
      }
    }
  }

  /** Past the page cache a read is the disk's work, through it mostly a copy. */
  private boolean readInTurn(Segment segment, ByteBuffer into, long position) throws IOException {
    if (alignmentBytes == 1) {
      return SegmentFile.readFully(segment.file, into, position);
    }
    try (ReadWindow.Turn _ = window.take(into.remaining())) {
      return SegmentFile.readFully(segment.file, into, position);
    }
  }

  private ReadOutcome readThroughStaging(
      Segment segment, long location, BlockKey key, BlockBuffers buffers) throws IOException {
    Lease lease = null;
    boolean handedOver = false;
    try (Staging one = staging.take()) {
      Pieces pieces = new Pieces(segment, location, one.buffer());
      if (!pieces.next()) {
        return new ReadOutcome.Unsound(ENDS_EARLY);
      }
      if (!(check(pieces.buffer, segment, location, key)
          instanceof HeaderCheck.Sound(RecordHeader header))) {
        return new ReadOutcome.Unsound("header fails its check");
      }
      if (header.encoding() != null) {
        return decodedInStaging(header, header.encoding(), pieces.buffer, buffers);
      }
      lease = buffers.allocate(Math.max(1, header.storedLength()));
      if (lease == null) {
        return new ReadOutcome.NoBuffer();
      }
      MemorySegment body = lease.segment().asSlice(0, header.storedLength());
      Filling filling = new Filling(body);
      String mismatch = pieces.body(header, filling);
      if (mismatch != null) {
        return new ReadOutcome.Unsound(mismatch);
      }
      ReadOutcome sound = new ReadOutcome.Sound(StoredBlock.transfer(header.block(), lease));
      handedOver = true;
      return sound;
    } finally {
      if (lease != null && !handedOver) {
        lease.close();
      }
    }
  }

  /** Without memory to read a longer record into, there is none for its block. */
  private ReadOutcome decodedInStaging(
      RecordHeader header, Encoding encoding, ByteBuffer record, BlockBuffers buffers) {
    return header.recordBytes() > record.capacity()
        ? new ReadOutcome.NoBuffer()
        : decoded(header.block(), encoding, bodyIn(record, 0, header.storedLength()), buffers);
  }

  private ReadOutcome decoded(
      BlockHeader header, Encoding encoding, MemorySegment stored, BlockBuffers buffers) {
    return switch (codec.decode(header, encoding, stored, buffers)) {
      case DecodedBody.Whole(StoredBlock block) -> new ReadOutcome.Sound(block);
      case DecodedBody.Damaged(String reason) -> new ReadOutcome.Unsound(reason);
      case DecodedBody.NoBuffer() -> new ReadOutcome.NoBuffer();
    };
  }

  /** Reads and checks a record's header alone. */
  HeaderCheck readHeader(Segment segment, long location, BlockKey key) throws IOException {
    try (Staging one = staging.take()) {
      ByteBuffer page = one.buffer().limit((int) RecordDescriptor.PAGE_BYTES);
      return SegmentFile.readFully(segment.file, page, Location.position(location))
          ? check(page, segment, location, key)
          : new HeaderCheck.Unsound(ENDS_EARLY);
    }
  }

  /** Reads a whole record for its checksums; returns what is wrong with it, or null. */
  @Nullable String verify(Segment segment, long location, BlockKey key) throws IOException {
    try (Staging one = staging.take()) {
      Pieces pieces = new Pieces(segment, location, one.buffer());
      if (!pieces.next()) {
        return ENDS_EARLY;
      }
      return switch (check(pieces.buffer, segment, location, key)) {
        case HeaderCheck.Unsound(String reason) -> reason;
        case HeaderCheck.Sound(RecordHeader header) -> pieces.body(header, piece -> {});
      };
    }
  }

  private static HeaderCheck check(ByteBuffer page, Segment segment, long location, BlockKey key) {
    Optional<RecordHeader> decoded = RecordDescriptor.decode(page, 0);
    if (decoded.isEmpty()) {
      return new HeaderCheck.Unsound("header fails its check");
    }
    RecordHeader header = decoded.get();
    if (!segment.bears(header, Location.position(location))
        || header.kind() != RecordHeader.Kind.BLOCK
        || !header.block().key().equals(key)
        || header.recordBytes() != Location.recordBytes(location)) {
      return new HeaderCheck.Unsound("holds another record");
    }
    return new HeaderCheck.Sound(header);
  }

  /** That part of a record's body which lies in a piece of the record. */
  private static MemorySegment bodyIn(ByteBuffer piece, long pieceAt, long storedLength) {
    long from = Math.max(pieceAt, RecordDescriptor.HEADER_BYTES);
    long to = Math.min(pieceAt + piece.limit(), RecordDescriptor.HEADER_BYTES + storedLength);
    return MemorySegment.ofBuffer(piece.duplicate().clear())
        .asSlice(from - pieceAt, Math.max(0, to - from));
  }

  /** A record, piece by piece through one buffer. */
  private static final class Pieces {
    private final Segment segment;
    private final long location;
    private final ByteBuffer buffer;
    private long at;
    private long nextAt;

    Pieces(Segment segment, long location, ByteBuffer buffer) {
      this.segment = segment;
      this.location = location;
      this.buffer = buffer;
    }

    /** Reads the next piece. False when the file ends before. */
    boolean next() throws IOException {
      at = nextAt;
      long left = Location.recordBytes(location) - at;
      buffer.clear().limit((int) Math.min(buffer.capacity(), left));
      nextAt = at + buffer.limit();
      return SegmentFile.readFully(segment.file, buffer, Location.position(location) + at);
    }

    /** Goes through the body from the piece at hand on; returns what is wrong with it, or null. */
    @Nullable String body(RecordHeader header, Consumer<MemorySegment> visitor) throws IOException {
      BodyChecksum checksum = new BodyChecksum(header);
      while (true) {
        MemorySegment part = bodyIn(buffer, at, header.storedLength());
        checksum.update(part);
        visitor.accept(part);
        if (nextAt == Location.recordBytes(location)) {
          return checksum.mismatch();
        }
        if (!next()) {
          return ENDS_EARLY;
        }
      }
    }
  }

  /** Copies pieces one behind the other. */
  private static final class Filling implements Consumer<MemorySegment> {
    private final MemorySegment body;
    private long filled;

    Filling(MemorySegment body) {
      this.body = body;
    }

    @Override
    public void accept(MemorySegment piece) {
      body.asSlice(filled, piece.byteSize()).copyFrom(piece);
      filled += piece.byteSize();
    }
  }
}
