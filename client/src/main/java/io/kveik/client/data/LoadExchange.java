package io.kveik.client.data;

import io.kveik.client.data.frame.BlockBody;
import io.kveik.client.data.frame.BlockRange;
import io.kveik.client.data.frame.BlockStatus;
import io.kveik.client.data.frame.DataFrameDescriptor;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.LoadBody;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Loads on one connection: one LOAD at a time, its blocks received straight into their targets. */
final class LoadExchange implements LinkPool.Exchange {
  private static final int MAX_BODY_BYTES =
      BlockBody.FIXED_BYTES + DataFrameDescriptor.MAX_METADATA_BYTES;

  private final List<LoadItem> items;
  private final boolean verify;
  private final Deadline deadline;
  private final @Nullable LoadResult[] results;

  LoadExchange(List<LoadItem> items, boolean verify, Deadline deadline) {
    this.items = items;
    this.verify = verify;
    this.deadline = deadline;
    this.results = new LoadResult[items.size()];
  }

  /** After an exchange that went well: one for each item. */
  LoadResult result(int index) {
    LoadResult result = results[index];
    if (result == null) {
      throw new IllegalStateException("item " + index + " was not loaded");
    }
    return result;
  }

  /** After an exchange that may have failed: null for an item without an answer. */
  @Nullable LoadResult answer(int index) {
    return results[index];
  }

  @Override
  public void with(SocketLink link) throws IOException {
    int most = link.limits().maxBlocksPerLoad();
    for (int from = 0; from < items.size(); from += most) {
      load(link, from, Math.min(items.size(), from + most));
    }
  }

  private void load(SocketLink link, int from, int to) throws IOException {
    List<BlockRange> ranges = new ArrayList<>(to - from);
    int bodyBytes = LoadBody.FIXED_BYTES;
    long wantedBytes = 0;
    for (LoadItem item : items.subList(from, to)) {
      BlockRange range = new BlockRange(item.id(), item.offset(), item.length(), item.room());
      ranges.add(range);
      bodyBytes += range.encodedBytes();
      wantedBytes += item.mostBytes();
    }
    // All that may come is granted at once: there is memory for it, or it would not be asked for.
    LoadBody.encode(
        deadline.leftMillis(), link.creditUpTo(wantedBytes), ranges, link.out().body(bodyBytes));
    long requestId = link.nextRequestId();
    link.out().send(FrameType.LOAD, requestId);
    int unanswered = to - from;
    while (unanswered > 0) {
      FrameHeader header = link.next(requestId);
      if (header.type() != FrameType.BLOCK || header.requestId() != requestId) {
        throw SocketLink.unexpected(header);
      }
      unanswered -= receive(link, header, from, to);
    }
  }

  /**
   * @return how many items it answered
   */
  private int receive(SocketLink link, FrameHeader header, int from, int to) throws IOException {
    BlockBody block = BlockBody.decode(link.in().readBody(header, MAX_BODY_BYTES));
    if (block.index() == DataFrameDescriptor.ALL_BLOCKS && header.payloadBytes() == 0) {
      return answerAll(block.status(), from, to);
    }
    if (block.index() < 0 || block.index() >= to - from) {
      throw SocketLink.unexpected(header);
    }
    int index = from + block.index();
    if (results[index] != null) {
      throw SocketLink.unexpected(header);
    }
    if (block.status() == BlockStatus.FOUND) {
      results[index] = receivePayload(link, header, block, items.get(index));
    } else if (header.payloadBytes() == 0) {
      results[index] =
          LoadResult.without(status(block.status()), block.blockBytes(), block.tokenCount());
    } else {
      throw SocketLink.unexpected(header);
    }
    return 1;
  }

  private int answerAll(BlockStatus status, int from, int to) {
    int answered = 0;
    for (int i = from; i < to; i++) {
      if (results[i] == null) {
        results[i] = LoadResult.without(status(status), 0, 0);
        answered++;
      }
    }
    return answered;
  }

  private LoadResult receivePayload(
      SocketLink link, FrameHeader header, BlockBody block, LoadItem item) throws IOException {
    int bytes = header.payloadBytes();
    if (bytes > item.mostBytes()) {
      throw SocketLink.unexpected(header);
    }
    MemorySegment target = item.target().asSlice(0, bytes);
    boolean damaged = false;
    if (verify) {
      damaged = link.in().readAndChecksum(target) != header.payloadCrc32c();
    } else {
      link.in().readPayload(target);
    }
    link.creditUsed(bytes);
    if (damaged) {
      return LoadResult.without(LoadResult.Status.DAMAGED, block.blockBytes(), block.tokenCount());
    }
    return new LoadResult(
        LoadResult.Status.FOUND, bytes, block.blockBytes(), block.tokenCount(), block.metadata());
  }

  private static LoadResult.Status status(BlockStatus status) {
    return switch (status) {
      case FOUND, UNKNOWN, ABSENT -> LoadResult.Status.ABSENT;
      case EXPIRED -> LoadResult.Status.EXPIRED;
      case CORRUPT -> LoadResult.Status.CORRUPT;
      case TIER_DOWN -> LoadResult.Status.TIER_DOWN;
      case OVER_BUDGET, CANCELLED -> LoadResult.Status.OVER_BUDGET;
      case NO_MEMORY -> LoadResult.Status.NO_MEMORY;
      case OUT_OF_RANGE -> LoadResult.Status.OUT_OF_RANGE;
      case NO_ROOM -> LoadResult.Status.TARGET_TOO_SMALL;
      case BUSY -> LoadResult.Status.BUSY;
    };
  }
}
