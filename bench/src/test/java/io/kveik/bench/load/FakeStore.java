package io.kveik.bench.load;

import io.kveik.bench.block.BlockName;
import io.kveik.bench.block.PayloadKind;
import io.kveik.bench.store.BlockStore;
import io.kveik.bench.store.LookupOutcome;
import io.kveik.bench.store.ReadOutcome;
import io.kveik.bench.store.StoreConnection;
import io.kveik.bench.store.WriteOutcome;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A store that has every block and can be told to take its time: a slow store is what is tested.
 */
final class FakeStore implements BlockStore {
  private final AtomicLong calls = new AtomicLong();
  private final long stallingCall;
  private final long stallNanos;
  private final long callNanos;
  private volatile boolean wrong;

  /**
   * @param callNanos that every call takes
   * @param stallingCall number of the call, from 1, that takes {@code stallNanos} more
   */
  FakeStore(long callNanos, long stallingCall, long stallNanos) {
    this.callNanos = callNanos;
    this.stallingCall = stallingCall;
    this.stallNanos = stallNanos;
  }

  void answerWrong() {
    wrong = true;
  }

  @Override
  public StoreConnection connect() {
    return new StoreConnection() {
      @Override
      public WriteOutcome write(BlockName block, MemorySegment payload) {
        takeTime();
        return WriteOutcome.STORED;
      }

      @Override
      public ReadOutcome read(BlockName block, MemorySegment into) {
        takeTime();
        PayloadKind.RANDOM.fill(wrong ? block.number() + 1 : block.number(), into);
        return ReadOutcome.FOUND;
      }

      @Override
      public LookupOutcome lookup(List<BlockName> chain) {
        takeTime();
        return new LookupOutcome.Found(chain.size());
      }

      @Override
      public void close() {}
    };
  }

  private void takeTime() {
    long nanos = callNanos + (calls.incrementAndGet() == stallingCall ? stallNanos : 0);
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }
}
