package io.kveik.client.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ComposingCumulatorTest {
  private static final int READ_BYTES = 1024;

  /** Without a pool and with a count of what is not given back. */
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

  @Test
  void framesComeOutAsTheyWereWhateverTheReadsAndSlicesKept() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      byte[] stream = new byte[1 + random.nextInt(40 * READ_BYTES)];
      random.nextBytes(stream);
      int longest = 1 + random.nextInt(READ_BYTES);
      List<ByteBuf> kept = new ArrayList<>();
      ByteBuf cumulation = Unpooled.EMPTY_BUFFER;
      int taken = 0;
      for (int at = 0; at < stream.length; ) {
        int length = Math.min(stream.length - at, 1 + random.nextInt(longest));
        ByteBuf in = allocator.directBuffer(READ_BYTES, READ_BYTES);
        in.writeBytes(stream, at, length);
        cumulation = ComposingCumulator.INSTANCE.cumulate(allocator, cumulation, in);
        at += length;
        // What a decoder does: takes a slice now and then, which someone else gives back later.
        if (random.nextInt(20) == 0) {
          int frame = random.nextInt(cumulation.readableBytes() + 1);
          ByteBuf slice = cumulation.readRetainedSlice(frame);
          assertThat(bytes(slice)).isEqualTo(part(stream, taken, frame));
          taken += frame;
          kept.add(slice);
        }
      }
      assertThat(bytes(cumulation)).isEqualTo(part(stream, taken, stream.length - taken));
      cumulation.release();
      kept.forEach(ByteBuf::release);
      assertThat(allocator.metric().usedDirectMemory()).isZero();
    }
  }

  @Test
  void fullReadsAreNotCopied() {
    ByteBuf cumulation = Unpooled.EMPTY_BUFFER;
    List<Long> addresses = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ByteBuf in = allocator.directBuffer(READ_BYTES, READ_BYTES).writeZero(READ_BYTES);
      addresses.add(in.memoryAddress());
      cumulation = ComposingCumulator.INSTANCE.cumulate(allocator, cumulation, in);
    }
    CompositeByteBuf parts = (CompositeByteBuf) cumulation;
    List<Long> found = new ArrayList<>();
    parts.forEach(part -> found.add(part.memoryAddress()));
    assertThat(found).isEqualTo(addresses);
    cumulation.release();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void aFrameThatComesByteByByteTakesAFewTimesItsBytes() {
    ByteBuf cumulation = Unpooled.EMPTY_BUFFER;
    for (int i = 1; i <= 64 * READ_BYTES; i++) {
      ByteBuf in = allocator.directBuffer(READ_BYTES, READ_BYTES).writeByte(i);
      cumulation = ComposingCumulator.INSTANCE.cumulate(allocator, cumulation, in);
      assertThat(allocator.metric().usedDirectMemory()).isLessThanOrEqualTo(READ_BYTES + 4L * i);
    }
    cumulation.release();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.getBytes(buffer.readerIndex(), bytes);
    return bytes;
  }

  private static byte[] part(byte[] of, int from, int length) {
    byte[] part = new byte[length];
    System.arraycopy(of, from, part, 0, length);
    return part;
  }
}
