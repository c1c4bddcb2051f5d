package io.kveik.server.data;

import io.kveik.client.data.frame.BlockStatus;
import io.kveik.server.cache.ReadOutcome;
import io.kveik.server.tier.StoredBlock;

/** What a load of one block came to. */
sealed interface Fetched extends AutoCloseable {
  /** A block on its way to a client, counted as such until it is closed. */
  record Leased(StoredBlock block, Allowance leasedBytes) implements Fetched {
    @Override
    public void close() {
      leasedBytes.giveBack(block.header().payloadLength());
      block.close();
    }
  }

  /** No block, and why. */
  record Missing(BlockStatus status) implements Fetched {
    @Override
    public void close() {}
  }

  /** Takes over the outcome's block; one that finds no room in the allowance is closed. */
  static Fetched transfer(ReadOutcome outcome, Allowance leasedBytes) {
    return switch (outcome) {
      case ReadOutcome.Hit(StoredBlock block, _) -> {
        if (leasedBytes.tryTake(block.header().payloadLength())) {
          yield new Leased(block, leasedBytes);
        }
        block.close();
        yield new Missing(BlockStatus.NO_MEMORY);
      }
      case ReadOutcome.Miss(ReadOutcome.Reason reason, _) -> new Missing(status(reason));
    };
  }

  private static BlockStatus status(ReadOutcome.Reason reason) {
    return switch (reason) {
      case ABSENT -> BlockStatus.ABSENT;
      case EXPIRED -> BlockStatus.EXPIRED;
      case CORRUPT -> BlockStatus.CORRUPT;
      case TIER_DOWN -> BlockStatus.TIER_DOWN;
      case OVER_BUDGET -> BlockStatus.OVER_BUDGET;
      case NO_MEMORY -> BlockStatus.NO_MEMORY;
    };
  }

  @Override
  void close();
}
