package io.kveik.server.it;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.client.AckLevel;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.BlockScope;
import io.kveik.client.NamespaceClient;
import io.kveik.client.codec.PayloadTransform;
import io.kveik.client.codec.Precision;
import io.kveik.client.data.LoadItem;
import io.kveik.client.data.LoadResult;
import io.kveik.client.data.StoreItem;
import io.kveik.client.data.StoreResult;
import io.kveik.client.data.TransportKind;
import io.kveik.server.block.BlockHeader;
import io.kveik.server.block.BlockHeaderDescriptor;
import io.kveik.server.block.ElementType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks stored in another form: found by the same transform only, and as close as it promises. */
@Timeout(60)
final class TransformedBlocksTest {
  private static final int NUMBERS = 50_000;
  private static final BlockNamespace FP32 =
      new BlockNamespace(
          new BlockScope("account", "kv", ""), new BlockModel("llama", "", "fp32", "", "", "", 16));

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "UNIX, FP16, false, FP16, -11",
    "TCP, BF16, false, BF16, -8",
    "GRPC, FP8_E4M3, false, FP8, -4",
    "UNIX, FP16, true, UNDECLARED, -11",
  })
  void restoredWithinItsRoundoff(
      TransportKind transport,
      Precision precision,
      boolean gzip,
      ElementType stored,
      int roundoffExponent)
      throws Exception {
    PayloadTransform lowered = PayloadTransform.lowerTo(precision);
    PayloadTransform transform = gzip ? lowered.andGzip() : lowered;
    try (RunningServer server = RunningServer.start(directory);
        Arena arena = Arena.ofShared()) {
      BlockClientOptions options = patient(server).withTransports(Set.of(transport));
      MemorySegment payload = numbers(arena);
      byte[] id = Blocks.payload(1, 32);
      try (BlockClient client = BlockClient.connect(options.withTransform(transform));
          NamespaceClient blocks = client.open(FP32)) {
        assertThat(blocks.store(List.of(shared(id, payload)))).allMatch(StoreResult::inStore);
        assertThat(blocks.match(List.of(id)).blocks()).isEqualTo(1);
        MemorySegment target = arena.allocate(payload.byteSize());
        assertThat(blocks.load(List.of(LoadItem.whole(id, target)))).allMatch(LoadResult::found);
        assertClose(target, payload, Math.scalb(1.0, roundoffExponent));
        assertThat(blocks.borrow(List.of(id), (_, _) -> {}))
            .containsExactly(LoadResult.Status.NO_MEMORY);
      }
      try (BlockClient client = BlockClient.connect(options);
          NamespaceClient exact = client.open(FP32)) {
        assertThat(exact.match(List.of(id)).blocks()).isZero();
      }
    }
    BlockHeader header = onlyHeaderOnDisk();
    assertThat(header.elementType()).isEqualTo(stored);
    assertThat(header.payloadLength()).isLessThanOrEqualTo(NUMBERS * precision.widthBytes());
  }

  @Test
  void aModelThatIsNotFp32IsRefusedWhenOpened() throws Exception {
    BlockNamespace bf16 =
        new BlockNamespace(FP32.scope(), new BlockModel("llama", "", "bf16", "", "", "", 16));
    try (RunningServer server = RunningServer.start(directory);
        BlockClient client =
            BlockClient.connect(
                patient(server).withTransform(PayloadTransform.lowerTo(Precision.FP16)))) {
      assertThatThrownBy(() -> client.open(bf16))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be fp32");
    }
  }

  /** A busy machine is not what is tested. */
  private static BlockClientOptions patient(RunningServer server) {
    Duration patience = Duration.ofSeconds(30);
    return BlockClientOptions.of("127.0.0.1:" + server.port())
        .withDeadlines(patience, patience, patience);
  }

  private static MemorySegment numbers(Arena arena) {
    long seed = Long.getLong("kveik.seed", System.nanoTime());
    System.out.println("transformed blocks: -Dkveik.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    MemorySegment payload = arena.allocate(JAVA_FLOAT, NUMBERS);
    for (int i = 0; i < NUMBERS; i++) {
      // Normal numbers of every format here, so that the bound is relative.
      float magnitude = (float) random.nextDouble(0x1p-5, 100);
      payload.setAtIndex(JAVA_FLOAT, i, random.nextBoolean() ? magnitude : -magnitude);
    }
    return payload;
  }

  private static void assertClose(MemorySegment actual, MemorySegment expected, double roundoff) {
    for (int i = 0; i < NUMBERS; i++) {
      double number = expected.getAtIndex(JAVA_FLOAT, i);
      double error = Math.abs(actual.getAtIndex(JAVA_FLOAT, i) - number);
      assertThat(error / Math.abs(number)).as("number %d", i).isLessThanOrEqualTo(roundoff);
    }
  }

  private static StoreItem shared(byte[] id, MemorySegment payload) {
    return new StoreItem(
        id, new byte[0], 16, new byte[0], 0, 0, AckLevel.SHARED, payload, OptionalInt.empty());
  }

  private BlockHeader onlyHeaderOnDisk() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> blocks = files.filter(file -> file.toString().endsWith(".kvb")).toList();
      assertThat(blocks).hasSize(1);
      return BlockHeaderDescriptor.decode(ByteBuffer.wrap(Files.readAllBytes(blocks.getFirst())))
          .orElseThrow();
    }
  }
}
