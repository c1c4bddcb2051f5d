package io.kveik.server.rpc.payload;

import io.kveik.server.memory.Lease;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.lang.foreign.MemorySegment;

/**
 * Leased memory as the transport takes it: the lease ends when the transport has sent the last
 * byte, or has given the connection up.
 */
final class LeasedBuffer extends UnpooledDirectByteBuf {
  private final Lease lease;

  /**
   * Takes the lease over.
   *
   * @param bytes of the leased memory, all of them to be sent
   */
  LeasedBuffer(ByteBufAllocator allocator, Lease lease, MemorySegment bytes) {
    super(allocator, bytes.asByteBuffer(), Math.toIntExact(bytes.byteSize()));
    this.lease = lease;
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    lease.close();
  }
}
