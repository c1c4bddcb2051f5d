package io.kveik.bench.load;

import io.kveik.bench.block.BlockChains;
import io.kveik.bench.block.BlockContent;
import io.kveik.client.Block;
import io.kveik.client.BlockRef;
import io.kveik.client.BlockWrite;
import io.kveik.client.KveikClient;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * The blocks that are there before a run: chains of equal length, where each block is, and the
 * checksum of what was written. Thread-safe.
 */
final class WorkingSet {
  private final LoadPlan plan;
  private final BlockChains blocks;
  private final AtomicReferenceArray<BlockRef> refs;
  private final int[] checksums;
  private final AtomicInteger nextChain = new AtomicInteger();
  private final AtomicInteger storedChains = new AtomicInteger();

  WorkingSet(LoadPlan plan) {
    this.plan = plan;
    this.blocks = BlockChains.ofPrompts(plan.chains(), plan.chain());
    this.refs = new AtomicReferenceArray<>(plan.workingBlocks());
    this.checksums = new int[plan.workingBlocks()];
  }

  /**
   * Writes one more chain that nobody has written yet.
   *
   * @param buffer for a payload
   * @return false when all are written
   * @throws IOException when the server does not find it afterwards
   */
  boolean storeNext(KveikClient client, MemorySegment buffer) throws IOException {
    int chain = nextChain.getAndIncrement();
    if (chain >= plan.chains()) {
      return false;
    }
    int first = chain * plan.chain();
    for (int block = first; block < first + plan.chain(); block++) {
      BlockContent.fillPayload(block, buffer);
      checksums[block] = checksum(List.of(buffer.asByteBuffer()));
      client.write(plan.scope(), write(block, buffer));
    }
    List<BlockRef> found = client.lookup(plan.scope(), tokens(chain)).blocks();
    if (found.size() != plan.chain()) {
      throw new IOException(
          "the server has %d of %d blocks of a chain that was just written; it needs more room"
              .formatted(found.size(), plan.chain()));
    }
    locate(chain, found);
    storedChains.incrementAndGet();
    return true;
  }

  /** How many blocks are there. */
  int stored() {
    return storedChains.get() * plan.chain();
  }

  /** The write of a block; {@code buffer} gets its payload from the caller. */
  BlockWrite write(int block, MemorySegment buffer) {
    long[] tokens = new long[BlockContent.TOKENS];
    BlockContent.fillTokens(block, tokens, 0);
    return BlockWrite.builder(blocks.label(block), blocks.parentLabel(block), tokens, buffer)
        .ackLevel(plan.ack())
        .build();
  }

  /** All tokens of a chain. */
  long[] tokens(int chain) {
    long[] tokens = new long[plan.chain() * BlockContent.TOKENS];
    for (int i = 0; i < plan.chain(); i++) {
      BlockContent.fillTokens((long) chain * plan.chain() + i, tokens, i * BlockContent.TOKENS);
    }
    return tokens;
  }

  /** Where a block is. */
  BlockRef ref(int block) {
    return refs.get(block);
  }

  /** Where the blocks of a chain are. */
  List<BlockRef> refsOf(int chain) {
    int first = chain * plan.chain();
    return IntStream.range(first, first + plan.chain()).mapToObj(refs::get).toList();
  }

  /**
   * Takes over where a lookup found the first blocks of a chain.
   *
   * @return whether they are the chain's
   */
  boolean locate(int chain, List<BlockRef> found) {
    int first = chain * plan.chain();
    if (found.size() > plan.chain()) {
      return false;
    }
    for (int i = 0; i < found.size(); i++) {
      if (found.get(i).label() != blocks.label(first + i)) {
        return false;
      }
      refs.set(first + i, found.get(i));
    }
    return true;
  }

  /** Whether a block that was read is what was written. */
  boolean isRight(int block, Block read) {
    return read.length() == plan.blockBytes()
        && read.info().label() == blocks.label(block)
        && checksum(read.wrapParts()) == checksums[block];
  }

  private static int checksum(List<ByteBuffer> parts) {
    CRC32C crc = new CRC32C();
    parts.forEach(crc::update);
    return (int) crc.getValue();
  }
}
