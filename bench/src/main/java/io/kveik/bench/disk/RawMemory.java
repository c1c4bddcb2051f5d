package io.kveik.bench.disk;

import io.kveik.server.memory.SlabMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Aligned memory that each thread uses in turn, as a server's threads use a slab, and of the slab's
 * kind. Records that are transferred over and over to the same few megabytes stay in some
 * processor's cache, and where the disk is a host's copy that is faster than any transfer to
 * memory. In small pages one takes two requests where it takes one in huge ones. Each part is one
 * thread's.
 */
final class RawMemory implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final ByteBuffer[][] records;
  private final int[] next;

  RawMemory(DiskPlan plan) {
    int each = Math.ceilDiv(plan.memoryBlocks(), plan.threads());
    long bytes = (long) plan.recordBytes() * each * plan.threads() + RawFile.PAGE;
    MemorySegment memory = SlabMemory.hugePages().map(arena, bytes);
    long start = -memory.address() & (RawFile.PAGE - 1);
    this.next = new int[plan.threads()];
    this.records =
        IntStream.range(0, plan.threads())
            .mapToObj(thread -> {
              long from = start + (long) thread * each * plan.recordBytes();
              return ring(memory.asSlice(from), plan.recordBytes(), each);
            })
            .toArray(ByteBuffer[][]::new);
  }

  private static ByteBuffer[] ring(MemorySegment memory, int recordBytes, int count) {
    // As what the tier writes: nothing that a disk could make shorter.
    byte[] random = new byte[recordBytes];
    new SplittableRandom(recordBytes).nextBytes(random);
    return IntStream.range(0, count)
        .mapToObj(
            i -> memory.asSlice((long) i * recordBytes, recordBytes).asByteBuffer().put(random))
        .toArray(ByteBuffer[]::new);
  }

  /** The thread's next record. */
  ByteBuffer next(int thread) {
    ByteBuffer[] ring = records[thread];
    int at = next[thread];
    next[thread] = at + 1 == ring.length ? 0 : at + 1;
    return ring[at];
  }

  @Override
  public void close() {
    arena.close();
  }
}
