package io.kveik.bench.whatif;

import static org.assertj.core.api.Assertions.assertThat;

import io.kveik.bench.TraceFiles;
import io.kveik.bench.trace.TraceSource;
import io.kveik.server.cache.eviction.PolicyKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationTest {
  private static final PrefillCost COST = new PrefillCost(1e9, 10, 1000, 1e12);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void lruIsWhatAPlainListOfPrefixesDoes(long seed) throws IOException {
    List<List<Integer>> requests = TraceFiles.randomRequests(400, seed);
    BlockTrace trace = trace(requests);
    for (int capacity : new int[] {1, 7, 40, 200}) {
      assertThat(run(trace, PolicyKind.LRU, capacity).blockHits())
          .as("seed %d capacity %d", seed, capacity)
          .isEqualTo(plainLruHits(requests, capacity));
    }
  }

  @ParameterizedTest
  @EnumSource(PolicyKind.class)
  void nobodyBeatsTheBoundAndRoomForAllForgetsNothing(PolicyKind kind) throws IOException {
    List<List<Integer>> requests = TraceFiles.randomRequests(1_000, 11);
    BlockTrace trace = trace(requests);
    for (int capacity : new int[] {5, 20, 100, 300}) {
      long min = Simulation.runMin(trace, capacity, COST, new AtomicLong()).blockHits();
      assertThat(run(trace, kind, capacity).blockHits()).isPositive().isLessThanOrEqualTo(min);
    }
    Hits all = run(trace, kind, trace.blocks());
    assertThat(all.blockHits())
        .isEqualTo(trace.unboundedHits())
        .isEqualTo(TraceFiles.hitsByModel(requests));
    assertThat(all.fullHitRatio()).isEqualTo(1);
  }

  /** Three prompts of two blocks in a loop through room for two prompts. */
  @Test
  void minKeepsPartOfALoopThatLruLosesWhole() throws IOException {
    List<List<Integer>> requests =
        IntStream.range(0, 30).mapToObj(i -> List.of(i % 3 * 2, i % 3 * 2 + 1)).toList();
    BlockTrace trace = trace(requests);
    assertThat(run(trace, PolicyKind.LRU, 4).blockHits()).isZero();
    assertThat(Simulation.runMin(trace, 4, COST, new AtomicLong()).blockHits()).isEqualTo(36);
  }

  @Test
  void countsRequestsTokensAndWhatTheirPrefillCosts() throws IOException {
    BlockTrace trace = trace(List.of(List.of(1, 2), List.of(1, 2, 3), List.of(9)));
    Hits hits = run(trace, PolicyKind.LRU, 4);
    assertThat(hits.requestHitRatio()).isEqualTo(1 / 3.0);
    assertThat(hits.tokensSaved()).isEqualTo(1024);
    double flops = 2e9 * 1024 + 4 * 10 * 1000 * (1024 * 1025 / 2.0);
    assertThat(hits.gpuSecondsSaved()).isEqualTo(flops / 1e12);
  }

  private BlockTrace trace(List<List<Integer>> requests) throws IOException {
    List<String> lines = requests.stream().map(ids -> TraceFiles.line(0, ids)).toList();
    Path file = TraceFiles.write(directory.resolve("trace.jsonl"), lines);
    return BlockTrace.read(TraceSource.of(file.toString()), Long.MAX_VALUE);
  }

  private static Hits run(BlockTrace trace, PolicyKind kind, int capacity) {
    return Simulation.run(trace, kind, capacity, COST, new AtomicLong());
  }

  /**
   * A list from least to most recently used, searched for the first prefix that none extends. What
   * was found is used deepest first; what is missing comes root first, unless for its own parent.
   */
  private static long plainLruHits(List<List<Integer>> requests, int capacity) {
    List<List<Integer>> cache = new ArrayList<>();
    long hits = 0;
    for (List<Integer> ids : requests) {
      int hit = 0;
      while (hit < ids.size() && cache.contains(ids.subList(0, hit + 1))) {
        hit++;
      }
      hits += hit;
      for (int length = hit; length > 0; length--) {
        cache.remove(ids.subList(0, length));
        cache.add(ids.subList(0, length));
      }
      for (int length = hit + 1; length <= ids.size(); length++) {
        List<Integer> parent = ids.subList(0, length - 1);
        if (cache.size() == capacity) {
          List<Integer> victim = firstLeaf(cache);
          if (!parent.isEmpty() && (!cache.contains(parent) || victim.equals(parent))) {
            continue;
          }
          cache.remove(victim);
        }
        cache.add(ids.subList(0, length));
      }
    }
    return hits;
  }

  private static List<Integer> firstLeaf(List<List<Integer>> cache) {
    return cache.stream()
        .filter(candidate ->
            cache.stream()
                .noneMatch(other ->
                    other.size() == candidate.size() + 1
                        && other.subList(0, candidate.size()).equals(candidate)))
        .findFirst()
        .orElseThrow();
  }
}
