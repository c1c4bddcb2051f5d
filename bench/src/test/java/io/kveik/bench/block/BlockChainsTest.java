package io.kveik.bench.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.bench.TraceFiles;
import io.kveik.bench.trace.TraceIndex;
import io.kveik.bench.trace.TraceRequest;
import io.kveik.client.ChainLabels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockChainsTest {
  @TempDir Path directory;

  @Test
  void labelsAreThoseOfTheWholeChain() throws IOException {
    List<List<Integer>> requests = TraceFiles.randomRequests(50, 3);
    Path file =
        TraceFiles.write(
            directory.resolve("t.jsonl"),
            requests.stream().map(ids -> TraceFiles.line(0, ids)).toList());
    TraceIndex index = TraceIndex.scan(file, Long.MAX_VALUE);
    BlockChains blocks = BlockChains.ofTrie(index.trie());
    for (List<Integer> ids : requests) {
      long[] asLongs = ids.stream().mapToLong(Integer::longValue).toArray();
      int[] chain = BlockChains.ofNodes(index.nodesOf(new TraceRequest(0, 0, asLongs)));
      assertThat(chain).hasSize(4 * ids.size());
      long[] tokens = new long[chain.length * BlockContent.TOKENS];
      for (int i = 0; i < chain.length; i++) {
        BlockContent.fillTokens(chain[i], tokens, i * BlockContent.TOKENS);
      }
      long[] labels = ChainLabels.chain(tokens);
      for (int i = 0; i < chain.length; i++) {
        assertThat(blocks.label(chain[i])).isEqualTo(labels[i]);
        assertThat(blocks.parentLabel(chain[i])).isEqualTo(i == 0 ? 0 : labels[i - 1]);
      }
    }
  }
}
