package io.kveik.bench.store;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.BlockName;
import io.kveik.client.AckLevel;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/** Blocks of a run as the native service has them. Stateless. */
public final class NativeBlocks {
  private static final int ID_BYTES = 32;

  private NativeBlocks() {}

  /** As long as an engine's hash; the label names the whole prefix. */
  public static byte[] id(long label) {
    return ByteBuffer.allocate(ID_BYTES).putLong(label).array();
  }

  /** A block to store, without metadata or a time to live. */
  public static StoreItem item(BlockName block, AckLevel ack, MemorySegment payload) {
    return new StoreItem(
        id(block.label()),
        block.parentLabel() == 0 ? new byte[0] : id(block.parentLabel()),
        BlockContent.TOKENS,
        new byte[0],
        0,
        0,
        ack,
        payload,
        OptionalInt.empty());
  }

  /**
   * What came of it.
   *
   * @param asked the level asked for
   * @throws IllegalStateException when the block was refused for what it is
   */
  public static WriteOutcome outcome(StoreResult result, AckLevel asked) {
    return switch (result.status()) {
      case STORED, ALREADY_PRESENT -> {
        boolean present = result.status() == StoreResult.Status.ALREADY_PRESENT;
        boolean belowAck = result.ack().compareTo(asked) < 0;
        yield present || belowAck
            ? new WriteOutcome.Stored(present, belowAck)
            : WriteOutcome.STORED;
      }
      case BUSY -> WriteOutcome.REFUSED;
      case CHECKSUM_MISMATCH, INVALID ->
          throw new IllegalStateException("a block was refused: " + result);
    };
  }
}
