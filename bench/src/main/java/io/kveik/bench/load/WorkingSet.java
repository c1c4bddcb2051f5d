package io.kveik.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.kveik.bench.block.BlockChains;
import io.kveik.bench.block.BlockName;
import io.kveik.bench.store.LookupOutcome;
import io.kveik.bench.store.StoreConnection;
import io.kveik.bench.store.WriteOutcome;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/** The blocks that are there before a run: chains of equal length. Thread-safe. */
final class WorkingSet {
  private static final int WORDS_PER_PAGE = 512;

  private final Workload workload;
  private final BlockChains blocks;
  private final int[] checksums;

  /**
   * Computes labels, and for {@link Verification#FULL} checksums once {@link #locate} is called.
   */
  WorkingSet(Workload workload) {
    this.workload = workload;
    this.blocks = BlockChains.ofPrompts(workload.chains(), workload.chain());
    boolean full = workload.verification() == Verification.FULL;
    this.checksums = new int[full ? workload.workingBlocks() : 0];
  }

  /** The names of a chain's blocks. */
  List<BlockName> chain(int chain) {
    int first = chain * workload.chain();
    return IntStream.range(first, first + workload.chain()).mapToObj(blocks::name).toList();
  }

  /** The name of a block. */
  BlockName block(int block) {
    return blocks.name(block);
  }

  /**
   * Writes a chain.
   *
   * @param buffer for a payload
   * @throws IOException when the store refuses a block
   */
  void store(int chain, StoreConnection connection, MemorySegment buffer) throws IOException {
    for (BlockName block : chain(chain)) {
      workload.payload().fill(block.number(), buffer);
      if (connection.write(block, buffer) instanceof WriteOutcome.Refused) {
        throw new IOException("the store refused a block of the working set");
      }
    }
  }

  /**
   * Finds a chain that was written, so that it can be read.
   *
   * @param buffer for a payload
   * @throws IOException when not all of it is there
   */
  void locate(int chain, StoreConnection connection, MemorySegment buffer) throws IOException {
    List<BlockName> names = chain(chain);
    int found =
        switch (connection.lookup(names)) {
          case LookupOutcome.Found outcome -> outcome.blocks();
          case LookupOutcome.Wrong _ -> throw new IOException("the store found other blocks");
          case LookupOutcome.Refused _ -> throw new IOException("the store refused a lookup");
        };
    if (found < names.size()) {
      throw new IOException(
          "the store has %d of %d blocks of a chain that was just written; it needs more room"
              .formatted(found, names.size()));
    }
    if (checksums.length > 0) {
      for (BlockName block : names) {
        workload.payload().fill(block.number(), buffer);
        checksums[(int) block.number()] = checksum(buffer);
      }
    }
  }

  /** Whether a payload that was read is what was written. */
  boolean isRight(int block, MemorySegment payload) {
    return switch (workload.verification()) {
      case FULL -> checksum(payload) == checksums[block];
      case SAMPLE -> wordsAreRight(block, WORDS_PER_PAGE, payload);
      case ENDS -> wordsAreRight(block, payload.byteSize(), payload);
    };
  }

  private boolean wordsAreRight(int block, long stride, MemorySegment payload) {
    long words = payload.byteSize() / Long.BYTES;
    for (long word = 0; word < words; word += stride) {
      if (!wordIsRight(block, word, payload)) {
        return false;
      }
    }
    return wordIsRight(block, words - 1, payload);
  }

  private boolean wordIsRight(int block, long word, MemorySegment payload) {
    return payload.get(JAVA_LONG_UNALIGNED, word * Long.BYTES)
        == workload.payload().word(block, word);
  }

  private static int checksum(MemorySegment payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload.asByteBuffer());
    return (int) crc.getValue();
  }
}
