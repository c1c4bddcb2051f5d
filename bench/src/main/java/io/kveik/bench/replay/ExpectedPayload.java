package io.kveik.bench.replay;

import io.kveik.bench.block.PayloadKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What blocks have to hold, made anew for each. Made, used and closed by one thread. */
final class ExpectedPayload implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment payload;

  ExpectedPayload(int blockBytes) {
    this.payload = arena.allocate(blockBytes, Long.BYTES);
  }

  /** The payload of the block with that number; good until the next call. */
  MemorySegment of(long number) {
    PayloadKind.RANDOM.fill(number, payload);
    return payload;
  }

  @Override
  public void close() {
    arena.close();
  }
}
