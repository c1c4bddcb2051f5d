package io.kveik.client;

import static io.kveik.client.Chain.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.kveik.client.http2.PayloadAllocator;
import io.kveik.client.inplace.OutgoingMessage;
import io.kveik.client.inplace.OutgoingMessageMarshaller;
import io.kveik.wire.v1.PromptChunk;
import io.kveik.wire.v1.WriteRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bytes of a write request, against those of the generated class. */
@Timeout(60)
final class OutgoingWriteTest {
  private static final int MESSAGES = 300;
  private static final int FRAME_HEAD_BYTES = 5;

  private final OutgoingMessageMarshaller marshaller = new OutgoingMessageMarshaller();

  @Test
  void bytesAreThoseOfTheGeneratedClass() throws IOException {
    long seed = System.nanoTime();
    System.out.println("OutgoingWriteTest seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < MESSAGES; i++) {
      try (Arena arena = Arena.ofConfined()) {
        Sample sample = Sample.random(random, arena);
        byte[] expected = sample.generated.toByteArray();
        try (OutgoingMessage write = OutgoingWrite.wrap(sample.scope, sample.block)) {
          InputStream drained = marshaller.stream(write);
          assertThat(drained).isInstanceOf(KnownLength.class);
          assertThat(drained.available()).as("seed %d", seed).isEqualTo(expected.length);
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          assertThat(((Drainable) drained).drainTo(out)).isEqualTo(expected.length);
          assertThat(drained.available()).isZero();
          assertThat(out.toByteArray()).as("seed %d, message %d", seed, i).isEqualTo(expected);
          assertThat(WriteRequest.parseFrom(out.toByteArray())).isEqualTo(sample.generated);

          byte[] read = marshaller.stream(write).readAllBytes();
          assertThat(read).as("seed %d, message %d", seed, i).isEqualTo(expected);
        }
      }
    }
  }

  /** As gRPC's framer does: a buffer for the frame's head and the message, then the message. */
  @Test
  void payloadIsAddedToTheBufferOfAConnectionThatGathers() throws IOException {
    long seed = System.nanoTime();
    System.out.println("OutgoingWriteTest seed " + seed);
    Random random = new Random(seed);
    PayloadAllocator allocator = new PayloadAllocator(UnpooledByteBufAllocator.DEFAULT);
    for (int i = 0; i < MESSAGES; i++) {
      try (Arena arena = Arena.ofConfined()) {
        Sample sample = Sample.random(random, arena);
        byte[] expected = sample.generated.toByteArray();
        try (OutgoingMessage write = OutgoingWrite.wrap(sample.scope, sample.block)) {
          InputStream stream = marshaller.stream(write);
          int length = FRAME_HEAD_BYTES + stream.available();
          ByteBuf buffer = allocator.buffer(length, length);
          buffer.writeZero(FRAME_HEAD_BYTES);
          int before = buffer.writableBytes();
          assertThat(before).as("room for the message's head alone").isLessThan(1_000);
          int drained = ((Drainable) stream).drainTo(new ByteBufOutputStream(buffer));
          assertThat(drained).as("seed %d, message %d", seed, i).isEqualTo(expected.length);
          assertThat(ByteBufUtil.getBytes(buffer, FRAME_HEAD_BYTES, drained))
              .as("seed %d, message %d", seed, i)
              .isEqualTo(expected);
          assertThat(buffer.readableBytes()).isEqualTo(length);
          assertThat(buffer.release()).isTrue();
        }
      }
    }
  }

  @Test
  void bufferOfAMessageThatIsNotFramedIsAnOrdinaryOne() throws IOException {
    PayloadAllocator allocator = new PayloadAllocator(UnpooledByteBufAllocator.DEFAULT);
    Sample sample = Sample.random(new Random(6), Arena.ofAuto());
    byte[] other = new byte[5_000];
    new Random(7).nextBytes(other);
    try (OutgoingMessage write = OutgoingWrite.wrap(sample.scope, sample.block);
        InputStream stream = marshaller.stream(write)) {
      assertThat(stream.available()).isPositive();
      ByteBuf buffer = allocator.buffer(other.length, other.length).writeBytes(other);
      assertThat(ByteBufUtil.getBytes(buffer)).isEqualTo(other);
      assertThat(buffer.release()).isTrue();
      ByteBuf next = allocator.buffer(other.length, other.length);
      assertThat(next.writableBytes()).isEqualTo(other.length);
      next.release();
    }
  }

  @Test
  void singleBytesAreReadToo() throws IOException {
    Sample sample = Sample.random(new Random(5), Arena.ofAuto());
    try (OutgoingMessage write = OutgoingWrite.wrap(sample.scope, sample.block);
        InputStream stream = marshaller.stream(write)) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (int b = stream.read(); b >= 0; b = stream.read()) {
        out.write(b);
      }
      assertThat(out.toByteArray()).isEqualTo(sample.generated.toByteArray());
    }
  }

  @Test
  void payloadIsOutOfReachOnceTheWriteIsOver() {
    BlockWrite block = Chain.random(41, 1, 1_000).block(0);
    OutgoingMessage write = OutgoingWrite.wrap(SCOPE, block);
    InputStream stream = marshaller.stream(write);
    write.close();
    assertThatThrownBy(() -> ((Drainable) stream).drainTo(new ByteArrayOutputStream()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the call is over");
  }

  @Test
  void writeNeedsFarLessHeapThanItsPayload() {
    int payloadBytes = 8 << 20;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (StoreServer server = StoreServer.start();
        KveikClient client = server.connect();
        Arena arena = Arena.ofConfined()) {
      Chain chain = Chain.random(42, 2, 0);
      MemorySegment payload = arena.allocate(payloadBytes);
      client.write(SCOPE, chain.block(0, payload));
      BlockWrite block = chain.block(1, payload);
      long before = threads.getCurrentThreadAllocatedBytes();
      client.write(SCOPE, block);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(payloadBytes / 8);
    }
  }

  /** A random write and what the generated class makes of it. */
  private record Sample(BlockScope scope, BlockWrite block, WriteRequest generated) {
    static Sample random(Random random, Arena arena) {
      byte[] bytes = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(300_000)];
      random.nextBytes(bytes);
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      long label = random.nextLong() | 1;
      long parent = random.nextBoolean() ? 0 : random.nextLong();
      long[] tokens =
          random.longs(KveikClient.BLOCK_TOKENS).map(t -> t >> random.nextInt(64)).toArray();
      int ack = random.nextInt(4);
      long ttl = random.nextBoolean() ? 0 : random.nextLong(1L << 40);
      int priority = random.nextInt(4);
      String completion = random.nextBoolean() ? "" : "completion-é-" + random.nextInt();
      BlockScope scope =
          new BlockScope("res", "con", random.nextBoolean() ? "" : "partition".repeat(20));
      PromptChunk.Builder chunk =
          PromptChunk.newBuilder()
              .setHash(label)
              .setPartitionKey(scope.partition())
              .setParentHash(parent)
              .setBuffer(ByteString.copyFrom(bytes))
              .setCompletionId(completion)
              .setBufferCrc32C((int) crc.getValue());
      for (long token : tokens) {
        chunk.addTokens(token);
      }
      return new Sample(
          scope,
          BlockWrite.builder(label, parent, tokens, payload(random.nextInt(4), bytes, arena))
              .ackLevel(List.of(AckLevel.values()).get(ack))
              .ttl(Duration.ofMillis(ttl))
              .priority(priority)
              .completionId(completion)
              .build(),
          WriteRequest.newBuilder()
              .setResourceName(scope.resource())
              .setContainerName(scope.container())
              .setChunk(chunk)
              .setAckLevelValue(ack)
              .setTtlMs(ttl)
              .setPriority(priority)
              .build());
    }

    private static MemorySegment payload(int kind, byte[] bytes, Arena arena) {
      MemorySegment heap = MemorySegment.ofArray(bytes);
      return switch (kind) {
        case 0 -> heap;
        case 1 -> heap.asReadOnly();
        case 2 -> MemorySegment.ofBuffer(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        default ->
            arena.allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length).copyFrom(heap);
      };
    }
  }
}
