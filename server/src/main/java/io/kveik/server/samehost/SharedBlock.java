package io.kveik.server.samehost;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.kveik.client.data.frame.SharedBlockDescriptor;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.memory.Lease;
import io.kveik.server.tier.StoredBlock;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * A block in shared memory. The pins are guarded by the {@link TenantMemory} it is in; the rest
 * never changes.
 */
final class SharedBlock {
  private static final VarHandle GENERATION = JAVA_LONG.varHandle();

  final BlockHeader header;
  final SharedSegment segment;
  final long generation;
  private final Lease memory;

  /** Leases of clients on it. */
  int pins;

  private SharedBlock(BlockHeader header, SharedSegment segment, long generation, Lease memory) {
    this.header = header;
    this.segment = segment;
    this.generation = generation;
    this.memory = memory;
  }

  /** What a block of that header takes in a segment. */
  static long bytesFor(BlockHeader header) {
    return SharedBlockDescriptor.PAYLOAD_OFFSET + header.bodyLength();
  }

  /**
   * Copies a block to shared memory.
   *
   * @param memory {@link #bytesFor} bytes of the segment; taken over
   * @param generation of no other block, ever
   */
  static SharedBlock copyOf(
      StoredBlock block, SharedSegment segment, Lease memory, long generation) {
    MemorySegment bytes = memory.segment();
    bytes
        .asSlice(SharedBlockDescriptor.PAYLOAD_OFFSET, block.header().bodyLength())
        .copyFrom(block.body());
    GENERATION.setRelease(bytes, (long) SharedBlockDescriptor.GENERATION_OFFSET, generation);
    return new SharedBlock(block.header(), segment, generation, memory);
  }

  /** Of the block's start in its segment's file. */
  long offset() {
    return segment.offsetOf(memory);
  }

  /** Ends it: whoever still reads it sees that before the first byte changes. */
  void free() {
    GENERATION.setVolatile(
        memory.segment(),
        (long) SharedBlockDescriptor.GENERATION_OFFSET,
        SharedBlockDescriptor.NO_GENERATION);
    memory.close();
  }
}
