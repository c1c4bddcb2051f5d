package io.kveik.bench.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.bench.TraceFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceIndexTest {
  @TempDir Path directory;

  @Test
  void countsPrefixesRatherThanIds() throws IOException {
    Path file =
        TraceFiles.write(
            directory.resolve("t.jsonl"),
            List.of(
                TraceFiles.line(0, List.of(1, 2, 3)),
                TraceFiles.line(5, List.of(1, 2, 4)),
                // Its 2 and 3 are other blocks than those under 1.
                TraceFiles.line(9, List.of(7, 2, 3)),
                TraceFiles.line(7, List.of(1, 2, 3, 5)),
                TraceFiles.line(7, List.of())));
    TraceIndex index = TraceIndex.scan(file, Long.MAX_VALUE);
    assertThat(index.requests()).isEqualTo(5);
    assertThat(index.accesses()).isEqualTo(13);
    assertThat(index.uniqueIds()).isEqualTo(8);
    assertThat(index.unboundedHits()).isEqualTo(5);
    assertThat(index.lastTimestampMillis()).isEqualTo(9);
    assertThat(index.nodesOf(new TraceRequest(0, 0, new long[] {1, 2, 4})))
        .containsExactly(0, 1, 3);
    assertThat(index.nodesOf(new TraceRequest(0, 0, new long[] {7, 2}))).containsExactly(4, 5);
    assertThat(index.trie().parent(5)).isEqualTo(4);
    assertThat(index.trie().parent(4)).isEqualTo(PrefixTrie.ROOT);
    assertThatThrownBy(() -> index.nodesOf(new TraceRequest(0, 0, new long[] {2})))
        .hasMessageContaining("changed");
  }

  @Test
  void stopsAtTheLimit() throws IOException {
    Path file =
        TraceFiles.write(
            directory.resolve("t.jsonl"),
            List.of(TraceFiles.line(0, List.of(1, 2, 3)), "not read any more"));
    assertThat(TraceIndex.scan(file, 1).accesses()).isEqualTo(3);
  }

  @Test
  void agreesWithAPlainModel() throws IOException {
    List<List<Integer>> requests = TraceFiles.randomRequests(3_000, 42);
    Path file =
        TraceFiles.write(
            directory.resolve("t.jsonl.gz"),
            requests.stream().map(ids -> TraceFiles.line(0, ids)).toList());
    TraceIndex index = TraceIndex.scan(file, Long.MAX_VALUE);
    Map<List<Integer>, Integer> nodes = new HashMap<>();
    for (List<Integer> ids : requests) {
      for (int n = 1; n <= ids.size(); n++) {
        nodes.putIfAbsent(List.copyOf(ids.subList(0, n)), nodes.size());
      }
    }
    assertThat(index.uniqueIds()).isEqualTo(nodes.size());
    assertThat(index.unboundedHits()).isEqualTo(TraceFiles.hitsByModel(requests));
    for (List<Integer> ids : requests) {
      long[] asLongs = ids.stream().mapToLong(Integer::longValue).toArray();
      int[] found = index.nodesOf(new TraceRequest(0, 0, asLongs));
      for (int n = 1; n <= ids.size(); n++) {
        assertThat(nodes.get(ids.subList(0, n))).isEqualTo(found[n - 1]);
      }
    }
  }

  @Test
  void countsTheConversationTrace() throws IOException {
    TraceIndex index = TraceIndex.scan(TraceFiles.real("conversation.jsonl.gz"), Long.MAX_VALUE);
    assertThat(index.requests()).isEqualTo(12_031);
    assertThat(index.accesses()).isEqualTo(288_500);
    assertThat(index.uniqueIds()).isEqualTo(182_790);
    assertThat(index.unboundedHits()).isEqualTo(105_710);
  }

  @Test
  void countsTheAgenticTrace() throws IOException {
    TraceIndex index = TraceIndex.scan(TraceFiles.real("agentic.jsonl.gz"), Long.MAX_VALUE);
    assertThat(index.requests()).isEqualTo(6_286);
    assertThat(index.accesses()).isEqualTo(1_340_970);
    assertThat(index.uniqueIds()).isEqualTo(46_016);
  }
}
