package io.kveik.client;

import static io.kveik.client.Chain.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.client.inplace.Receiving;
import io.kveik.wire.v1.WriteRequest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each call does when all is well, and how it refuses misuse. */
@Timeout(60)
final class KveikClientTest {
  private static final int BLOCK_BYTES = 1_258_291;

  private final StoreServer server = StoreServer.start();
  private final KveikClient client = server.connect();

  @AfterEach
  void close() {
    assertThat(client.openBlocks()).isZero();
    client.close();
    server.close();
  }

  @Test
  void blockComesBackAsItWasWritten() {
    Chain chain = Chain.random(1, 2, BLOCK_BYTES);
    WriteResult written = client.write(SCOPE, chain.block(0));
    assertThat(written).isEqualTo(new WriteResult(AckLevel.MEMORY, false, ServerTimings.NONE));
    client.write(SCOPE, chain.block(1));

    LookupResult found = client.lookup(SCOPE, chain.tokens());
    long[] labels = ChainLabels.chain(chain.tokens());
    assertThat(found.cachedBlocks()).isEqualTo(2);
    assertThat(found.cachedTokens()).isEqualTo(256);
    assertThat(found.lastLabel()).isEqualTo(labels[1]);
    assertThat(found.stop()).isEmpty();
    assertThat(found.timings()).isEqualTo(new ServerTimings(2, 5, 3));
    assertThat(found.blocks()).extracting(BlockRef::label).containsExactly(labels[0], labels[1]);

    try (Block block = client.read(SCOPE, found.blocks().get(1)).orElseThrow()) {
      assertThat(block.info())
          .isEqualTo(new BlockInfo(labels[1], labels[0], chain.tokensOf(1), "", BLOCK_BYTES));
      assertThat(block.wrapBuffer()).isEqualTo(chain.payload(1));
      assertThat(block.copyOf()).isEqualTo(chain.payloads().get(1));
    }
  }

  @Test
  void lookupSaysWhereAndWhyThePrefixEnds() {
    Chain chain = Chain.random(2, 2, 100);
    client.write(SCOPE, chain.block(0));
    LookupResult found = client.lookup(SCOPE, chain.tokens());
    assertThat(found.cachedBlocks()).isEqualTo(1);
    assertThat(found.stop())
        .contains(new LookupStop(1, StopReason.NEVER_STORED, 0, 0, "never seen"));
  }

  @Test
  void sameBlockAgainChangesNothing() {
    Chain chain = Chain.random(3, 1, 100);
    assertThat(client.write(SCOPE, chain.block(0)).alreadyPresent()).isFalse();
    assertThat(client.write(SCOPE, chain.block(0)).alreadyPresent()).isTrue();
    assertThat(server.store.size()).isEqualTo(1);
  }

  @Test
  void optionsOfAWriteReachTheServer() {
    Chain chain = Chain.random(4, 1, 100);
    client.write(
        SCOPE,
        BlockWrite.builder(9, 8, chain.tokens(), chain.payload(0))
            .ackLevel(AckLevel.SHARED)
            .ttl(Duration.ofMinutes(2))
            .priority(3)
            .completionId("completion")
            .build());
    WriteRequest arrived = server.store.writes.remove();
    assertThat(arrived.getAckLevel()).isEqualTo(io.kveik.wire.v1.AckLevel.ACK_LEVEL_SHARED);
    assertThat(arrived.getTtlMs()).isEqualTo(120_000);
    assertThat(arrived.getPriority()).isEqualTo(3);
    assertThat(arrived.getChunk().getCompletionId()).isEqualTo("completion");
    assertThat(arrived.getChunk().getPartitionKey()).isEqualTo("model");
    assertThat(arrived.getChunk().getParentHash()).isEqualTo(8);
  }

  @Test
  void unknownLocationIsAMiss() {
    assertThat(client.read(SCOPE, new BlockRef(5, "nowhere"))).isEmpty();
    assertThat(client.corruptBlocks()).isZero();
  }

  @Test
  void readCopiesToTheCallersMemory() {
    Chain chain = Chain.random(5, 1, BLOCK_BYTES);
    BlockRef ref = chain.store(client).getFirst();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(BLOCK_BYTES + 1L);
      memory.set(ValueLayout.JAVA_BYTE, BLOCK_BYTES, (byte) 77);
      Optional<BlockInfo> info = client.read(SCOPE, ref, memory);
      assertThat(info).map(BlockInfo::length).contains(BLOCK_BYTES);
      assertThat(memory.asSlice(0, BLOCK_BYTES).asByteBuffer()).isEqualTo(chain.payload(0));
      assertThat(memory.get(ValueLayout.JAVA_BYTE, BLOCK_BYTES)).isEqualTo((byte) 77);
    }
  }

  /** Alone it is copied where it arrives, and beside another by its reader. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readCopiesToMemoryOfAnyThread(boolean alone) {
    Chain chain = Chain.random(5, 1, BLOCK_BYTES);
    BlockRef ref = chain.store(client).getFirst();
    MemorySegment memory = Arena.ofAuto().allocate(BLOCK_BYTES);
    if (alone) {
      assertThat(client.read(SCOPE, ref, memory)).isPresent();
    } else {
      try (Receiving _ = Receiving.begin()) {
        assertThat(client.read(SCOPE, ref, memory)).isPresent();
      }
    }
    assertThat(memory.asByteBuffer()).isEqualTo(chain.payload(0));
  }

  @Test
  void memoryThatIsTooSmallIsRefusedAndLeftAlone() {
    Chain chain = Chain.random(6, 1, 1_000);
    BlockRef ref = chain.store(client).getFirst();
    byte[] memory = new byte[999];
    assertThatThrownBy(() -> client.read(SCOPE, ref, MemorySegment.ofArray(memory)))
        .isInstanceOf(KveikException.class)
        .hasMessage(
            "block %s has 1000 bytes, the memory given for it has 999"
                .formatted(ChainLabels.format(ref.label())))
        .extracting(e -> ((KveikException) e).code())
        .isEqualTo(KveikException.Code.MEMORY_TOO_SMALL);
    assertThat(memory).containsOnly(0);
  }

  @Test
  void firstWriteMayComeFromMemoryConfinedToItsThread() {
    // The first call waits for the connection, so that another thread reads the payload.
    Chain chain = Chain.random(7, 1, 300_000);
    try (KveikClient fresh = server.connect();
        Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(300_000);
      payload.copyFrom(MemorySegment.ofArray(chain.payloads().getFirst()));
      fresh.write(SCOPE, chain.block(0, payload));
    }
    assertThat(server.store.writes.remove().getChunk().getBuffer().asReadOnlyByteBuffer())
        .isEqualTo(chain.payload(0));
  }

  @Test
  void directBufferIsWrittenFromPositionToLimitAndStaysAsItIs() {
    ByteBuffer payload = ByteBuffer.allocateDirect(10).put(new byte[] {0, 1, 2, 3, 4, 5}).flip();
    payload.position(2);
    client.write(SCOPE, BlockWrite.of(1, 0, new long[128], payload));
    assertThat(server.store.writes.remove().getChunk().getBuffer().toByteArray())
        .containsExactly(2, 3, 4, 5);
    assertThat(payload.position()).isEqualTo(2);
  }

  @Test
  void refusalNamesTheField() {
    assertThatThrownBy(() -> client.lookup(SCOPE, new long[0]))
        .isInstanceOf(KveikException.class)
        .hasMessage(
            "lookup of 0 tokens in account/kv/model failed after 1 attempt:"
                + " INVALID_ARGUMENT: tokens is missing");
    assertThatThrownBy(() -> client.read(SCOPE, new BlockRef(3, "refused")))
        .isInstanceOf(KveikException.class)
        .hasMessageContaining("read of block 0x0000000000000003")
        .hasMessageEndingWith("was refused: tier on fire");
  }

  @Test
  void misuseIsRefusedBeforeItReachesTheWire() {
    long[] tokens = new long[128];
    ByteBuffer payload = ByteBuffer.allocate(1);
    assertThatThrownBy(() -> BlockWrite.of(0, 0, tokens, payload))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("label is 0");
    assertThatThrownBy(() -> BlockWrite.of(1, 0, Arrays.copyOf(tokens, 127), payload))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("127");
    assertThatThrownBy(() -> BlockWrite.builder(1, 0, tokens, payload).priority(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("priority is 4");
    assertThatThrownBy(() -> BlockWrite.of(1, 0, tokens, MemorySegment.ofArray(new long[1])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bytes");
    assertThatThrownBy(() -> new BlockScope("", "kv", ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.read(SCOPE, new BlockRef(1, "x"), memoryReadOnly()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(server.store.calls).hasValue(0);
  }

  @Test
  void closedClientSaysSo() {
    KveikClient other = server.connect();
    other.close();
    other.close();
    assertThatThrownBy(() -> other.readAll(SCOPE, List.of(), (i, block) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  private static MemorySegment memoryReadOnly() {
    return MemorySegment.ofArray(new byte[1]).asReadOnly();
  }
}
