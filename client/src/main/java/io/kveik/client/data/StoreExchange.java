package io.kveik.client.data;

import io.kveik.client.AckLevel;
import io.kveik.client.TtlKind;
import io.kveik.client.data.frame.DataFrameDescriptor;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameType;
import io.kveik.client.data.frame.StoreBody;
import io.kveik.client.data.frame.StoredBody;
import io.kveik.client.data.frame.StoredStatus;
import io.kveik.client.data.frame.Welcome;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores on one connection, pipelined: as many on their way as the server allows, answered in any
 * order.
 */
final class StoreExchange implements LinkPool.Exchange {
  private final List<StoreItem> items;
  private final @Nullable StoreResult[] results;

  StoreExchange(List<StoreItem> items) {
    this.items = items;
    this.results = new StoreResult[items.size()];
  }

  /** After an exchange that went well: one for each item. */
  StoreResult result(int index) {
    StoreResult result = results[index];
    if (result == null) {
      throw new IllegalStateException("item " + index + " was not stored");
    }
    return result;
  }

  @Override
  public void with(SocketLink link) throws IOException {
    Welcome limits = link.limits();
    int[] itemOf = new int[items.size()];
    long firstId = link.nextRequestId();
    int sent = 0;
    int answered = 0;
    for (int i = 0; i < items.size(); i++) {
      StoreItem item = items.get(i);
      StoreResult refusal = StoreResult.refusal(item, limits.maxBlockBytes());
      if (refusal != null) {
        results[i] = refusal;
        continue;
      }
      if (sent - answered == limits.maxRequests()) {
        receive(link, firstId, itemOf, sent);
        answered++;
      }
      send(link, sent == 0 ? firstId : link.nextRequestId(), item);
      itemOf[sent++] = i;
    }
    for (; answered < sent; answered++) {
      receive(link, firstId, itemOf, sent);
    }
  }

  private static void send(SocketLink link, long requestId, StoreItem item) throws IOException {
    StoreBody body =
        new StoreBody(
            item.id(),
            item.parentId(),
            item.tokenCount(),
            (byte) item.priority(),
            code(item.ack()),
            kind(item.ttlKind()),
            item.ttlMillis(),
            item.metadata());
    body.encode(link.out().body(body.encodedBytes()));
    link.out().send(FrameType.STORE, requestId, item.payload(), item.crc32c());
  }

  private void receive(SocketLink link, long firstId, int[] itemOf, int sent) throws IOException {
    FrameHeader header = link.next(firstId);
    long order = header.requestId() - firstId;
    if (header.type() != FrameType.STORED
        || order < 0
        || order >= sent
        || results[itemOf[(int) order]] != null) {
      throw SocketLink.unexpected(header);
    }
    StoredBody stored = StoredBody.decode(link.in().readBody(header, StoredBody.MAX_BYTES));
    results[itemOf[(int) order]] =
        new StoreResult(status(stored.status()), level(stored.ack()), stored.detail());
  }

  private static byte kind(TtlKind kind) {
    return switch (kind) {
      case ABSOLUTE -> DataFrameDescriptor.TTL_ABSOLUTE;
      case LAST_USE -> DataFrameDescriptor.TTL_BY_LAST_USE;
      case FIRST_USE -> DataFrameDescriptor.TTL_BY_FIRST_USE;
    };
  }

  private static byte code(AckLevel level) {
    return switch (level) {
      case UNSPECIFIED -> DataFrameDescriptor.ACK_NONE;
      case MEMORY -> DataFrameDescriptor.ACK_MEMORY;
      case LOCAL -> DataFrameDescriptor.ACK_LOCAL;
      case SHARED -> DataFrameDescriptor.ACK_SHARED;
    };
  }

  private static AckLevel level(byte code) {
    return switch (code) {
      case DataFrameDescriptor.ACK_MEMORY -> AckLevel.MEMORY;
      case DataFrameDescriptor.ACK_LOCAL -> AckLevel.LOCAL;
      case DataFrameDescriptor.ACK_SHARED -> AckLevel.SHARED;
      default -> AckLevel.UNSPECIFIED;
    };
  }

  private static StoreResult.Status status(StoredStatus status) {
    return switch (status) {
      case STORED -> StoreResult.Status.STORED;
      case ALREADY_PRESENT -> StoreResult.Status.ALREADY_PRESENT;
      case BUSY -> StoreResult.Status.BUSY;
      case CHECKSUM_MISMATCH -> StoreResult.Status.CHECKSUM_MISMATCH;
      case INVALID, UNKNOWN -> StoreResult.Status.INVALID;
    };
  }
}
