package io.kveik.server.data;

import io.kveik.client.data.frame.BlockBody;
import io.kveik.client.data.frame.BlockStatus;
import io.kveik.client.data.frame.DataFrameDescriptor;
import io.kveik.client.data.frame.ErrorBody;
import io.kveik.client.data.frame.ErrorCode;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.FrameWriter;
import io.kveik.client.data.frame.LentBody;
import io.kveik.client.data.frame.MatchedBody;
import io.kveik.client.data.frame.StoredBody;
import io.kveik.client.data.frame.Welcome;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.tier.StoredBlock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.GatheringByteChannel;

/**
 * The server's frames, one method each. Every method blocks until the socket has taken the frame,
 * for no longer than the frame deadline: then the connection is closed.
 *
 * <p>One thread at a time; {@link Answers} sees to that.
 */
final class Outbox {
  private final FrameWriter out;
  private final IoDeadline deadline;
  private final long frameMillis;
  private final DataCounters counters;

  Outbox(
      GatheringByteChannel channel, IoDeadline deadline, long frameMillis, DataCounters counters) {
    this.out = new FrameWriter(channel);
    this.deadline = deadline;
    this.frameMillis = frameMillis;
    this.counters = counters;
  }

  void welcome(Welcome welcome) throws IOException {
    welcome.encode(out.body(Welcome.BODY_BYTES));
    send(FrameType.WELCOME, 0);
  }

  /** A part of a block, straight from the memory it lies in. */
  void block(long requestId, int index, StoredBlock block, int offset, int length)
      throws IOException {
    BlockHeader header = block.header();
    var body = out.body(BlockBody.FIXED_BYTES + header.attributesLength());
    BlockBody.encodeFixed(
        index, BlockStatus.FOUND, header.payloadLength(), header.tokenCount(), body);
    body.put(block.attributes().asByteBuffer());
    MemorySegment part = block.payload().asSlice(offset, length);
    int crc = length == header.payloadLength() ? header.payloadCrc32c() : Crc32c.of(part);
    deadline.arm(frameMillis);
    out.send(FrameType.BLOCK, requestId, part, crc);
    deadline.disarm();
    counters.sentBlocks.increment();
    counters.sentBytes.add(length);
  }

  /** A block that could not be sent for its size; says how large it is. */
  void unfit(long requestId, int index, BlockStatus status, BlockHeader header) throws IOException {
    BlockBody.encodeFixed(
        index,
        status,
        header.payloadLength(),
        header.tokenCount(),
        out.body(BlockBody.FIXED_BYTES));
    send(FrameType.BLOCK, requestId);
  }

  void missing(long requestId, int index, BlockStatus status) throws IOException {
    BlockBody.without(index, status).encode(out.body(BlockBody.FIXED_BYTES));
    send(FrameType.BLOCK, requestId);
  }

  /** The same for all blocks of a request that have not been answered. */
  void allMissing(long requestId, BlockStatus status) throws IOException {
    missing(requestId, DataFrameDescriptor.ALL_BLOCKS, status);
  }

  void stored(long requestId, StoredBody stored) throws IOException {
    stored.encode(out.body(StoredBody.MAX_BYTES));
    send(FrameType.STORED, requestId);
  }

  void matched(long requestId, MatchedBody matched) throws IOException {
    matched.encode(out.body(matched.encodedBytes()));
    send(FrameType.MATCHED, requestId);
  }

  void lent(long requestId, LentBody lent) throws IOException {
    lent.encode(out.body(LentBody.MAX_BYTES));
    send(FrameType.LENT, requestId);
  }

  void pong(long requestId) throws IOException {
    out.body(0);
    send(FrameType.PONG, requestId);
  }

  void goAway(long lastRequestId) throws IOException {
    out.body(0);
    send(FrameType.GOAWAY, lastRequestId);
  }

  void error(ErrorCode code, String text) throws IOException {
    new ErrorBody(code, text).encode(out.body(ErrorBody.MAX_BYTES));
    send(FrameType.ERROR, 0);
  }

  private void send(FrameType type, long requestId) throws IOException {
    deadline.arm(frameMillis);
    out.send(type, requestId);
    deadline.disarm();
  }
}
