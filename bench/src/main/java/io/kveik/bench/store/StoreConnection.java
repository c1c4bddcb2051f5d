package io.kveik.bench.store;

import io.kveik.bench.block.BlockName;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One connection to a store. One thread at a time uses it, for one call after the other.
 *
 * <p>What a busy or full store may answer is an outcome; an {@link IOException}, or an unchecked
 * exception of a client library, ends the run. Memory belongs to the caller and is off-heap.
 */
public interface StoreConnection extends AutoCloseable {
  /** Takes what came of the reads of a chain, in order. */
  @FunctionalInterface
  interface ReadSink {
    /**
     * Takes one.
     *
     * @param index of the block in its chain
     * @param payload of a block that was {@link ReadOutcome#FOUND}, until this returns; nothing
     *     else is to be read in it
     */
    void accept(int index, ReadOutcome outcome, MemorySegment payload);
  }

  /** Stores a block and returns when the store has it. */
  WriteOutcome write(BlockName block, MemorySegment payload) throws IOException;

  /**
   * Reads a block's payload.
   *
   * @param into as large as a block of the run; its content is unspecified unless the block was
   *     found
   */
  ReadOutcome read(BlockName block, MemorySegment into) throws IOException;

  /** Says whether a payload is the block's. */
  @FunctionalInterface
  interface Check {
    boolean isRight(MemorySegment payload);
  }

  /**
   * Reads a block's payload and has it checked; a store that can show payloads where they lie does.
   *
   * @param into as in {@link #read}
   */
  default ReadOutcome read(BlockName block, MemorySegment into, Check check) throws IOException {
    ReadOutcome outcome = read(block, into);
    return outcome == ReadOutcome.FOUND && !check.isRight(into) ? ReadOutcome.WRONG : outcome;
  }

  /** Asks how many blocks of a chain are there, from its first on. */
  LookupOutcome lookup(List<BlockName> chain) throws IOException;

  /**
   * Reads the blocks of a chain, as many at once as the wire allows; else one after the other.
   *
   * @param into as in {@link #read}, for a store that serves one block at a time
   * @return whether the store has served it to its end
   */
  default boolean readChain(List<BlockName> chain, MemorySegment into, ReadSink sink)
      throws IOException {
    for (int i = 0; i < chain.size(); i++) {
      sink.accept(i, read(chain.get(i), into), into);
    }
    return true;
  }

  @Override
  void close();
}
