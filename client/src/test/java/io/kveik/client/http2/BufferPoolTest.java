package io.kveik.client.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
  private static final int BUFFER_BYTES = 4096;

  private final BufferPool buffers = new BufferPool(BUFFER_BYTES, 2);

  @Test
  void theBufferThatCameBackLastIsTakenFirst() {
    ByteBuf first = take();
    ByteBuf second = take();
    long address = first.memoryAddress();
    second.release();
    first.release();
    ByteBuf again = take();
    assertThat(again.memoryAddress()).isEqualTo(address);
    assertThat(again.readableBytes()).isZero();
    assertThat(again.writableBytes()).isEqualTo(BUFFER_BYTES);
    again.release();
  }

  @Test
  void aBufferComesBackWithItsLastSliceAndNotBefore() {
    ByteBuf buffer = take().writeInt(42);
    long address = buffer.memoryAddress();
    ByteBuf slice = buffer.readRetainedSlice(Integer.BYTES);
    buffer.release();
    ByteBuf other = take();
    assertThat(other.memoryAddress()).isNotEqualTo(address);
    assertThat(slice.getInt(0)).isEqualTo(42);
    slice.release();
    ByteBuf reused = take();
    assertThat(reused.memoryAddress()).isEqualTo(address);
    other.release();
    reused.release();
  }

  @Test
  void noMoreAreKeptThanAllowed() {
    List<ByteBuf> taken = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      taken.add(take());
    }
    taken.forEach(ByteBuf::release);
    assertThat(buffers.keptBuffers()).isEqualTo(2);
  }

  private ByteBuf take() {
    return buffers.take(UnpooledByteBufAllocator.DEFAULT);
  }
}
