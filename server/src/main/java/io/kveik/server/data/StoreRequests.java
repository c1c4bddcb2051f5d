package io.kveik.server.data;

import io.kveik.client.data.frame.DataFrameDescriptor;
import io.kveik.client.data.frame.FrameHeader;
import io.kveik.client.data.frame.FrameReader;
import io.kveik.client.data.frame.StoreBody;
import io.kveik.client.data.frame.StoredBody;
import io.kveik.client.data.frame.StoredStatus;
import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.WriteCommand;
import io.kveik.server.cache.WriteOutcome;
import io.kveik.server.session.BlockSession;
import io.kveik.server.session.SessionLimits;
import io.kveik.server.session.StoreCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Stores of one connection: a payload goes from the socket into the memory it will be served from,
 * with no stop in between. What the engine does not ask for is skipped.
 *
 * <p>The connection's reading thread only.
 */
final class StoreRequests {
  private final FrameReader in;
  private final BlockSession session;
  private final AckLevel defaultAck;
  private final Allowance receivingBytes;
  private final DataCounters counters;

  StoreRequests(FrameReader in, BlockSession session, DataParts parts) {
    this.in = in;
    this.session = session;
    this.defaultAck = parts.options().defaultAck();
    this.receivingBytes = parts.receivingBytes();
    this.counters = parts.counters();
  }

  /**
   * Takes the rest of a STORE from the socket, all of it.
   *
   * @param header its payload is no larger than a block may be
   * @return the answer, when what was asked for is reached
   * @throws IOException when the connection breaks; then nothing is stored
   */
  CompletionStage<StoredBody> receive(FrameHeader header) throws IOException {
    StoreBody body = StoreBody.decode(in.readBody(header, StoreBody.MAX_BYTES));
    int bytes = header.payloadBytes();
    counters.receivedBlocks.increment();
    counters.receivedBytes.add(bytes);
    Optional<String> fault = fault(body, bytes);
    if (fault.isPresent()) {
      in.skip(bytes);
      return answer(StoredStatus.INVALID, fault.get());
    }
    if (!receivingBytes.tryTake(bytes)) {
      in.skip(bytes);
      return answer(StoredStatus.BUSY, receivingBytes.refusal(bytes));
    }
    try {
      Arriving payload = new Arriving(in, bytes);
      CompletionStage<WriteOutcome> outcome =
          session.store(command(body, payload, header.payloadCrc32c()));
      if (!payload.taken) {
        in.skip(bytes);
      }
      return outcome.thenApply(StoreRequests::stored);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      receivingBytes.giveBack(bytes);
    }
  }

  /** A payload that is still in the socket. */
  private static final class Arriving implements WriteCommand.Payload {
    private final FrameReader in;
    private final int length;
    private boolean taken;

    Arriving(FrameReader in, int length) {
      this.in = in;
      this.length = length;
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public void copyTo(MemorySegment target) {
      copyAndChecksum(target);
    }

    @Override
    public int copyAndChecksum(MemorySegment target) {
      taken = true;
      try {
        return in.readAndChecksum(target);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private StoreCommand command(StoreBody body, Arriving payload, int crc32c) {
    return new StoreCommand(
        BlockId.transfer(body.id()),
        body.parentId().length == 0
            ? Optional.empty()
            : Optional.of(BlockId.transfer(body.parentId())),
        body.tokenCount(),
        body.metadata(),
        payload,
        OptionalInt.of(crc32c),
        TtlKind.ofCode(body.ttlKind()),
        body.ttlMillis(),
        body.priority(),
        switch (body.ack()) {
          case DataFrameDescriptor.ACK_MEMORY -> AckLevel.MEMORY;
          case DataFrameDescriptor.ACK_LOCAL -> AckLevel.LOCAL;
          case DataFrameDescriptor.ACK_SHARED -> AckLevel.SHARED;
          default -> defaultAck;
        });
  }

  private static Optional<String> fault(StoreBody body, int payloadBytes) {
    if (payloadBytes == 0) {
      return Optional.of("payload: 0 bytes, must be at least 1");
    }
    if (body.tokenCount() < 0 || body.tokenCount() > SessionLimits.MAX_TOKEN_COUNT) {
      return outside(
          "token_count",
          Integer.toUnsignedString(body.tokenCount()),
          SessionLimits.MAX_TOKEN_COUNT);
    }
    if (!TtlKind.isCode(body.ttlKind())) {
      return outside("ttl_kind", Integer.toString(body.ttlKind()), TtlKind.values().length - 1);
    }
    if (body.ttlMillis() < 0 || body.ttlMillis() > SessionLimits.MAX_TTL_MILLIS) {
      return outside(
          "ttl_ms", Long.toUnsignedString(body.ttlMillis()), SessionLimits.MAX_TTL_MILLIS);
    }
    if (body.priority() < 0 || body.priority() > BlockHeader.MAX_PRIORITY) {
      return outside(
          "priority",
          Integer.toString(Byte.toUnsignedInt(body.priority())),
          BlockHeader.MAX_PRIORITY);
    }
    if (body.ack() < 0 || body.ack() > DataFrameDescriptor.ACK_SHARED) {
      return outside(
          "ack", Integer.toString(Byte.toUnsignedInt(body.ack())), DataFrameDescriptor.ACK_SHARED);
    }
    if (body.metadata().length > DataFrameDescriptor.MAX_METADATA_BYTES) {
      return outside(
          "metadata bytes",
          Integer.toString(body.metadata().length),
          DataFrameDescriptor.MAX_METADATA_BYTES);
    }
    return Optional.empty();
  }

  private static Optional<String> outside(String field, String value, long limit) {
    return Optional.of(field + ": " + value + ", must be 0 to " + limit);
  }

  private static CompletionStage<StoredBody> answer(StoredStatus status, String detail) {
    return CompletableFuture.completedFuture(
        new StoredBody(status, DataFrameDescriptor.ACK_NONE, detail));
  }

  private static StoredBody stored(WriteOutcome outcome) {
    return switch (outcome) {
      case WriteOutcome.Stored(AckLevel reached, boolean alreadyPresent, _) ->
          new StoredBody(
              alreadyPresent ? StoredStatus.ALREADY_PRESENT : StoredStatus.STORED,
              switch (reached) {
                case MEMORY -> DataFrameDescriptor.ACK_MEMORY;
                case LOCAL -> DataFrameDescriptor.ACK_LOCAL;
                case SHARED -> DataFrameDescriptor.ACK_SHARED;
              },
              "");
      case WriteOutcome.Busy(String limit, String detail) ->
          new StoredBody(StoredStatus.BUSY, DataFrameDescriptor.ACK_NONE, limit + ": " + detail);
      case WriteOutcome.ChecksumMismatch(int claimed, int actual) ->
          new StoredBody(
              StoredStatus.CHECKSUM_MISMATCH,
              DataFrameDescriptor.ACK_NONE,
              "payload CRC32C: %08x, but the payload that arrived has %08x"
                  .formatted(claimed, actual));
    };
  }
}
