package io.kveik.client;

import static io.kveik.client.Chain.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The payload of a block: where it lies and for how long. */
@Timeout(60)
final class BlockTest {
  private static final int BLOCK_BYTES = 1_258_291;

  private final StoreServer server = StoreServer.start();
  private final KveikClient client = server.connect();
  private final Chain chain = Chain.random(11, 1, BLOCK_BYTES);

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void payloadLiesInTheTransportsBuffersAndNotOnTheHeap() {
    try (Block block = read()) {
      List<ByteBuffer> parts = block.wrapParts();
      assertThat(parts.stream().mapToLong(ByteBuffer::remaining).sum()).isEqualTo(BLOCK_BYTES);
      assertThat(parts).allMatch(ByteBuffer::isDirect).allMatch(ByteBuffer::isReadOnly);
      assertThat(join(parts)).isEqualTo(chain.payload(0));
      assertThat(block.wrapPayload().isNative()).isTrue();
    }
  }

  @Test
  void viewsEndWithTheBlock() {
    Block block = read();
    MemorySegment payload = block.wrapPayload();
    ByteBuffer part = block.wrapParts().getFirst();
    assertThat(client.openBlocks()).isEqualTo(1);
    block.close();
    block.close();
    assertThat(client.openBlocks()).isZero();
    assertThatThrownBy(() -> payload.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> part.get(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(block::wrapPayload)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
    assertThat(block.info().length()).isEqualTo(BLOCK_BYTES);
  }

  @Test
  void blockOutlivesItsClient() {
    try (Block block = read()) {
      client.close();
      assertThat(block.wrapBuffer()).isEqualTo(chain.payload(0));
    }
  }

  @Test
  void copyRefusesMemoryThatIsTooSmall() {
    try (Block block = read()) {
      MemorySegment small = MemorySegment.ofArray(new byte[BLOCK_BYTES - 1]);
      assertThatThrownBy(() -> block.copyTo(small))
          .isInstanceOf(KveikException.class)
          .hasMessageContaining("1258291");
    }
  }

  @Test
  void emptyPayloadIsAPayload() {
    Chain empty = Chain.random(12, 1, 0);
    try (Block block = client.read(SCOPE, empty.store(client).getFirst()).orElseThrow()) {
      assertThat(block.length()).isZero();
      assertThat(block.wrapPayload().byteSize()).isZero();
      assertThat(block.copyOf()).isEmpty();
    }
  }

  private Block read() {
    return client.read(SCOPE, chain.store(client).getFirst()).orElseThrow();
  }

  private static ByteBuffer join(List<ByteBuffer> parts) {
    ByteBuffer joined = ByteBuffer.allocate(BLOCK_BYTES);
    parts.forEach(part -> joined.put(part.duplicate()));
    return joined.flip();
  }
}
