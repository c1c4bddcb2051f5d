package io.kveik.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.PayloadKind;
import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.client.NamespaceClient;
import io.kveik.client.data.StoreItem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DramSizingTest {
  private static final BlockScope SCOPE = new BlockScope("r", "c", "run-0123456789abcdef");

  /** Asks a real server how many blocks it keeps, of chains of one. */
  @ParameterizedTest
  @CsvSource({"100, 1024", "40, 65536"})
  void exactlySoManyBlocksFit(int blocks, int blockBytes) throws Exception {
    long extent = DramSizing.extentBytes(blockBytes, SCOPE.partition(), BlockContent.WIDEST_TOKEN);
    try (OwnServer server = server(blocks, extent);
        KveikClient client =
            KveikClient.connect(
                ClientOptions.builder(server.address())
                    .lookupDeadline(Duration.ofSeconds(30))
                    .build());
        Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(blockBytes);
      List<long[]> written = new ArrayList<>();
      for (int block = 0; block < blocks + 5; block++) {
        long[] tokens = new long[BlockContent.TOKENS];
        BlockContent.fillTokens(block, tokens, 0);
        PayloadKind.RANDOM.fill(block, payload);
        long label = ChainLabels.label(0, tokens, 0, tokens.length);
        client.write(SCOPE, BlockWrite.of(label, 0, tokens, payload));
        written.add(tokens);
      }
      assertOldestFiveGone(blocks, written, tokens -> client.lookup(SCOPE, tokens).cachedBlocks());
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 1024", "40, 65536"})
  void exactlySoManyBlocksOfTheNativeServiceFit(int blocks, int blockBytes) throws Exception {
    try (OwnServer server = server(blocks, DramSizing.nativeExtentBytes(blockBytes));
        BlockClient client = BlockClient.connect(BlockClientOptions.of(server.address()));
        NamespaceClient namespace =
            client.open(new BlockNamespace(SCOPE, BlockModel.of("m", BlockContent.TOKENS)));
        Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(blockBytes);
      List<byte[]> written = new ArrayList<>();
      for (int block = 0; block < blocks + 5; block++) {
        byte[] id = ByteBuffer.allocate(32).putInt(block).array();
        namespace.store(List.of(StoreItem.of(id, new byte[0], BlockContent.TOKENS, payload)));
        written.add(id);
      }
      assertOldestFiveGone(blocks, written, id -> namespace.match(List.of(id)).blocks());
    }
  }

  private static OwnServer server(int blocks, long extent) throws Exception {
    long bytes = DramSizing.dramBytesFor(blocks, extent);
    return OwnServer.start(new OwnServer.Settings(bytes, blocks, 0, 0, List.of(), List.of()));
  }

  private static <T> void assertOldestFiveGone(
      int blocks, List<T> written, ToIntFunction<T> found) {
    int[] there = written.stream().mapToInt(found).toArray();
    assertThat(Arrays.stream(there).sum()).isEqualTo(blocks);
    assertThat(Arrays.copyOf(there, 5)).containsOnly(0);
  }
}
