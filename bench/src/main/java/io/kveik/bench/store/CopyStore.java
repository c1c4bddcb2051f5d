package io.kveik.bench.store;

import io.kveik.bench.block.BlockName;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * No store at all: copies between the working set, which lies in this process, and the caller's
 * memory. What a run against it reaches is the limit of this machine's memory.
 */
final class CopyStore implements BlockStore {
  /** Blocks beside the working set go round in so many more slots. */
  private static final int SPARE_SLOTS = 16;

  private final Arena arena = Arena.ofShared();
  private final StoreSettings settings;
  private final MemorySegment slots;

  CopyStore(StoreSettings settings) {
    this.settings = settings;
    this.slots =
        arena.allocate(
            (long) (settings.workingBlocks() + SPARE_SLOTS) * settings.blockBytes(), Long.BYTES);
  }

  @Override
  public StoreConnection connect() {
    return new Connection();
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public void close() {
    arena.close();
  }

  private MemorySegment slot(BlockName block) {
    int working = settings.workingBlocks();
    boolean isWorking = block.number() >= 0 && block.number() < working;
    long slot =
        isWorking ? block.number() : working + Long.remainderUnsigned(block.number(), SPARE_SLOTS);
    return slots.asSlice(slot * settings.blockBytes(), settings.blockBytes());
  }

  private final class Connection implements StoreConnection {
    @Override
    public WriteOutcome write(BlockName block, MemorySegment payload) {
      slot(block).copyFrom(payload);
      return WriteOutcome.STORED;
    }

    @Override
    public ReadOutcome read(BlockName block, MemorySegment into) {
      into.copyFrom(slot(block));
      return ReadOutcome.FOUND;
    }

    @Override
    public LookupOutcome lookup(List<BlockName> chain) {
      return new LookupOutcome.Found(chain.size());
    }

    @Override
    public void close() {}
  }
}
