package io.kveik.server.cache;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Crc32c;
import io.kveik.server.memory.Lease;
import io.kveik.server.runtime.Clock;
import io.kveik.server.runtime.Workers;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Makes writes blocks in DRAM: memory, one copy, checksum, a place in the index; {@link WriteDown}
 * does the rest. Any thread, never blocks: what takes the place of an expired block waits on a
 * storage thread.
 */
final class WritePath {
  private final BlockIndex index;
  private final HotMemory hot;
  private final WriteDown down;
  private final ExpirySweep expiry;
  private final Passages passages;
  private final WriteClock writeClock;
  private final Workers storage;
  private final long quotaBytes;
  private final EngineCounters counters;
  private final Clock clock;

  /**
   * @param quotaBytes what a namespace may hold of DRAM, for its refusals
   */
  WritePath(
      BlockIndex index,
      HotMemory hot,
      WriteDown down,
      ExpirySweep expiry,
      Passages passages,
      WriteClock writeClock,
      Workers storage,
      long quotaBytes,
      EngineCounters counters,
      Clock clock) {
    this.index = index;
    this.hot = hot;
    this.down = down;
    this.expiry = expiry;
    this.passages = passages;
    this.writeClock = writeClock;
    this.storage = storage;
    this.quotaBytes = quotaBytes;
    this.counters = counters;
    this.clock = clock;
  }

  /** Stores a block. The first writer wins: the same key again changes nothing. */
  CompletionStage<WriteOutcome> write(WriteCommand command) {
    Passages.Passage passage = passages.open(command.ref());
    boolean begun = false;
    try {
      CompletionStage<WriteOutcome> outcome = write(command, passage);
      begun = true;
      return outcome.whenComplete((_, _) -> passage.close());
    } finally {
      if (!begun) {
        passage.close();
      }
    }
  }

  private CompletionStage<WriteOutcome> write(WriteCommand command, Passages.Passage passage) {
    long startNanos = clock.nanoTime();
    BlockView known = new BlockView();
    boolean found = index.finder().find(command.key(), known);
    if (found && !known.expiredAt(clock.nanoTime())) {
      return present(command, startNanos);
    }
    // Filled before anything else happens elsewhere: the payload is the caller's again on return.
    return switch (fill(command, startNanos)) {
      case Draft.Refused(WriteOutcome outcome) -> CompletableFuture.completedFuture(outcome);
      case Draft.Filled filled ->
          found
              ? replaceExpired(command, filled, passage, startNanos)
              : admit(command, filled, passage, startNanos);
    };
  }

  private CompletionStage<WriteOutcome> admit(
      WriteCommand command, Draft.Filled filled, Passages.Passage passage, long startNanos) {
    boolean held = down.takesAtOnce(command.ack());
    return switch (hot.admit(filled.header(), filled.lease(), held, passage)) {
      case NEW -> {
        counters.stored.increment();
        yield down.settle(command, false, startNanos);
      }
      // To its writer a block deleted as it came is one deleted right afterwards.
      case PRESENT, DELETED -> present(command, startNanos);
      case OVER_QUOTA -> {
        counters.writesRefused.increment();
        yield CompletableFuture.completedFuture(
            new WriteOutcome.Busy(
                "namespace.quota-percent",
                "the namespace has its "
                    + quotaBytes
                    + " bytes of DRAM, and none of its blocks there can go"));
      }
      case NO_INDEX_MEMORY -> {
        counters.writesRefused.increment();
        yield CompletableFuture.completedFuture(
            new WriteOutcome.Busy("index", "the system refuses memory for the index"));
      }
    };
  }

  /** The old block must be gone from every tier first, which may block: on a storage thread. */
  private CompletionStage<WriteOutcome> replaceExpired(
      WriteCommand command, Draft.Filled filled, Passages.Passage passage, long startNanos) {
    CompletableFuture<WriteOutcome> outcome = new CompletableFuture<>();
    boolean runs =
        storage.tryExecute(() -> {
          expiry.drop(command.ref());
          admit(command, filled, passage, startNanos).thenAccept(outcome::complete);
        });
    if (!runs) {
      filled.lease().close();
      counters.writesRefused.increment();
      outcome.complete(new WriteOutcome.Busy("storage.queue", "the storage queue is full"));
    }
    return outcome;
  }

  private sealed interface Draft {
    record Filled(BlockHeader header, Lease lease) implements Draft {}

    record Refused(WriteOutcome outcome) implements Draft {}
  }

  /** Memory, copy, checksum: what makes a command a block. */
  private Draft fill(WriteCommand command, long startNanos) {
    return switch (hot.allocateFor(command)) {
      case HotMemory.Room.Given(Lease lease) -> fill(command, lease);
      // To its writer a block that is evicted as it comes.
      case HotMemory.Room.NotAdmitted() ->
          new Draft.Refused(
              new WriteOutcome.Stored(AckLevel.MEMORY, false, clock.nanoTime() - startNanos));
      case HotMemory.Room.None() -> {
        counters.writesRefused.increment();
        index.rememberDropped(command.key());
        yield new Draft.Refused(
            new WriteOutcome.Busy(
                "dram.bytes",
                "no memory for a block of "
                    + command.bodyLength()
                    + " bytes: it is too large, or everything is being read or written behind"));
      }
    };
  }

  private Draft fill(WriteCommand command, Lease lease) {
    int payloadLength = command.payload().length();
    boolean kept = false;
    try {
      MemorySegment payload = lease.segment().asSlice(0, payloadLength);
      int crc = command.payload().copyAndChecksum(payload);
      if (command.claimedCrc32c().isPresent() && command.claimedCrc32c().getAsInt() != crc) {
        return new Draft.Refused(
            new WriteOutcome.ChecksumMismatch(command.claimedCrc32c().getAsInt(), crc));
      }
      MemorySegment attributes =
          lease.segment().asSlice(payloadLength, command.attributes().length);
      attributes.copyFrom(MemorySegment.ofArray(command.attributes()));
      kept = true;
      return new Draft.Filled(header(command, crc, Crc32c.of(attributes)), lease);
    } finally {
      if (!kept) {
        lease.close();
      }
    }
  }

  private BlockHeader header(WriteCommand command, int payloadCrc, int attributesCrc) {
    long now = writeClock.stampMillis();
    return new BlockHeader(
        command.key(),
        command.namespace(),
        command.label(),
        command.parentLabel(),
        index.depthUnder(command.namespace(), command.parentLabel()),
        command.tokenCount(),
        command.attributes().length,
        command.payload().length(),
        attributesCrc,
        payloadCrc,
        now,
        command.ttlMillis() == 0 ? BlockHeader.NEVER_EXPIRES : now + command.ttlMillis(),
        command.priority(),
        command.elementType(),
        command.ttlKind());
  }

  private CompletionStage<WriteOutcome> present(WriteCommand command, long startNanos) {
    counters.alreadyPresent.increment();
    return down.settle(command, true, startNanos);
  }
}
