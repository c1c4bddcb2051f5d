package io.kveik.server.cache;

import io.kveik.server.block.BlockKey;
import io.kveik.server.runtime.Scheduler;
import io.kveik.server.tier.PutOutcome;
import io.kveik.server.tier.StoredBlock;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One block in a {@link WriteBehind}, whose lock guards it. */
final class PendingWrite {
  final StoredBlock block;
  final Passages.Passage passage;
  final WriteBehind.Ticket ticket =
      new WriteBehind.Ticket(
          new CompletableFuture<>(), new CompletableFuture<@Nullable PutOutcome>());

  /** Ends its wait for room. */
  Scheduler.@Nullable Timer timer;

  /** Somebody waits for the put. */
  final boolean awaited;

  /** What it is put with; null while it waits for room. */
  @Nullable Parcel parcel;

  PendingWrite(StoredBlock block, Passages.Passage passage, boolean awaited) {
    this.block = block;
    this.passage = passage;
    this.awaited = awaited;
  }

  void end() {
    block.close();
    passage.close();
  }

  BlockKey key() {
    return block.header().key();
  }

  long bytes() {
    return block.header().bodyLength();
  }
}
