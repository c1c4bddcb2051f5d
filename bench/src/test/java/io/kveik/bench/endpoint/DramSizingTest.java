package io.kveik.bench.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.block.PayloadKind;
import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.client.KveikClient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DramSizingTest {
  private static final BlockScope SCOPE = new BlockScope("r", "c", "run-0123456789abcdef");

  /** Asks a real server how many blocks of a chain it keeps. */
  @ParameterizedTest
  @CsvSource({"100, 1024", "40, 65536"})
  void exactlySoManyBlocksFit(int blocks, int blockBytes) throws Exception {
    long bytes =
        DramSizing.dramBytesFor(blocks, blockBytes, SCOPE.partition(), BlockContent.WIDEST_TOKEN);
    try (OwnServer server =
            OwnServer.start(new OwnServer.Settings(bytes, blocks, 0, 0, List.of(), List.of()));
        KveikClient client = KveikClient.connect(server.address());
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
      // Each is a chain of its own, so the first five are the ones that had to go.
      int[] found =
          written.stream()
              .mapToInt(tokens -> client.lookup(SCOPE, tokens).cachedBlocks())
              .toArray();
      assertThat(Arrays.stream(found).sum()).isEqualTo(blocks);
      assertThat(Arrays.copyOf(found, 5)).containsOnly(0);
    }
  }
}
