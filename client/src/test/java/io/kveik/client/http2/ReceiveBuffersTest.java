package io.kveik.client.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

@SuppressWarnings("deprecation") // Netty's word for what it asks of every allocator of reads.
class ReceiveBuffersTest {
  private static final int BUFFER_BYTES = 4096;

  private final RecvByteBufAllocator.Handle reads = new ReceiveBuffers(BUFFER_BYTES, 2).newHandle();

  /** As Netty's sockets go about it. */
  private boolean goesOnAfter(int bytes) {
    ByteBuf buffer = reads.allocate(UnpooledByteBufAllocator.DEFAULT);
    assertThat(buffer.writableBytes()).isEqualTo(BUFFER_BYTES);
    reads.attemptedBytesRead(buffer.writableBytes());
    reads.lastBytesRead(bytes);
    reads.incMessagesRead(1);
    buffer.release();
    return reads.continueReading();
  }

  @Test
  void aSocketThatFillsItsBuffersIsReadSomeTimesInARow() {
    EmbeddedChannel channel = new EmbeddedChannel();
    reads.reset(new DefaultChannelConfig(channel));
    int inARow = 1;
    while (goesOnAfter(BUFFER_BYTES)) {
      inARow++;
    }
    assertThat(inARow).as("and then others have their turn").isEqualTo(8);
  }

  @Test
  void oneThatDoesNotIsLeftAlone() {
    EmbeddedChannel channel = new EmbeddedChannel();
    reads.reset(new DefaultChannelConfig(channel));
    assertThat(goesOnAfter(BUFFER_BYTES)).isTrue();
    assertThat(goesOnAfter(BUFFER_BYTES - 1)).isFalse();
  }
}
