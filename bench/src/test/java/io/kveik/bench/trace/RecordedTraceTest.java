package io.kveik.bench.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.kveik.bench.whatif.BlockTrace;
import io.kveik.bench.whatif.Candidate;
import io.kveik.bench.whatif.PrefillCost;
import io.kveik.bench.whatif.Simulation;
import io.kveik.bench.whatif.TierSize;
import io.kveik.bench.whatif.WhatIf;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.BlockKey;
import io.kveik.server.block.Fingerprint;
import io.kveik.server.block.TurnEnd;
import io.kveik.server.cache.Chain;
import io.kveik.server.cache.IdChain;
import io.kveik.server.cache.eviction.PolicyKind;
import io.kveik.server.recording.AccessLogException;
import io.kveik.server.recording.AccessRecorder;
import io.kveik.server.recording.RecordingFiles;
import io.kveik.server.recording.RecordingOptions;
import io.kveik.server.runtime.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recording of a trace's requests tells what the trace tells. */
class RecordedTraceTest {
  private static final Fingerprint NAMESPACE = new Fingerprint(1, 2, 3, 4);
  private static final String TRACE = "synthetic:chat,seed=5,requests=20000";
  private static final int BLOCK_BYTES = 1 << 20;

  @TempDir Path directory;

  private void record(List<long[]> requests, int sampleOneIn) throws IOException {
    RecordingOptions options =
        new RecordingOptions(directory, sampleOneIn, 1 << 30, 1 << 30, 10, 1_000);
    try (AccessRecorder recorder = AccessRecorder.open(options, Clock.system())) {
      recorder.offered(NAMESPACE, TraceRequest.TOKENS_PER_ID, BLOCK_BYTES);
      for (long[] request : requests) {
        recorder.lookedUp(NAMESPACE, chain(request));
      }
    }
  }

  private static Chain chain(long[] numbers) {
    List<BlockId> ids = new ArrayList<>();
    for (long number : numbers) {
      ids.add(BlockId.transfer(ByteBuffer.allocate(16).putLong(0, number).array()));
    }
    return new IdChain(ids, _ -> new BlockKey(0, 0, 0, 0));
  }

  private static List<long[]> requests(TraceSource source) throws IOException {
    List<long[]> all = new ArrayList<>();
    try (RequestStream stream = source.open()) {
      for (TraceEvent one = stream.next(); one != null; one = stream.next()) {
        all.add(((TraceRequest) one).ids());
      }
    }
    return all;
  }

  /** LRU's block hit ratio in percent. */
  private static double lru(BlockTrace trace, String capacity) {
    return 100 * row(trace, capacity).hits().blockHitRatio();
  }

  private static WhatIf.Row row(BlockTrace trace, String capacity) {
    return WhatIf.run(
            trace,
            List.of(new Candidate.Policy("lru", PolicyKind.LRU)),
            List.of(TierSize.parse(capacity)),
            0,
            new PrefillCost(1, 1, 1, 1),
            new AtomicLong())
        .rows()
        .getFirst();
  }

  private BlockTrace recorded() throws IOException {
    return BlockTrace.read(TraceSource.of(directory.toString()), Long.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource({"2%", "10%"})
  void theWholeRecordingHasTheTracesHitRatio(String capacity) throws IOException {
    TraceSource source = TraceSource.of(TRACE);
    record(requests(source), 1);
    BlockTrace trace = BlockTrace.read(source, Long.MAX_VALUE);
    BlockTrace recording = recorded();
    assertThat(recording.requests()).isEqualTo(trace.requests());
    assertThat(recording.blocks()).isEqualTo(trace.blocks());
    assertThat(recording.promptTokens()).isEqualTo(trace.promptTokens());
    assertThat(lru(recording, capacity)).isCloseTo(lru(trace, capacity), within(1.0));
  }

  /** Half of the sessions come back soon, the others never; only their ends tell which. */
  @Test
  void endsOfTurnsAreRecordedAndWhatTheyTellIsUsed() throws IOException {
    RecordingOptions options = new RecordingOptions(directory, 1, 1 << 30, 1 << 30, 10, 1_000);
    Path told = directory.resolve("told.jsonl");
    List<String> lines = new ArrayList<>();
    try (AccessRecorder recorder = AccessRecorder.open(options, Clock.system())) {
      SplittableRandom random = new SplittableRandom(3);
      List<Long> waiting = new ArrayList<>();
      long fresh = 0;
      for (int i = 0; i < 20_000; i++) {
        boolean again = waiting.size() > 40;
        long session = again ? waiting.removeFirst() : fresh++;
        TurnEnd end = !again && random.nextBoolean() ? TurnEnd.TOOL_USE : TurnEnd.END_TURN;
        if (end == TurnEnd.TOOL_USE) {
          waiting.add(session);
        }
        long[] ids = {2 * session, 2 * session + 1};
        recorder.lookedUp(NAMESPACE, chain(ids));
        recorder.turnEnded(NAMESPACE, chain(ids), ids.length, end);
        lines.add(
            "{\"timestamp\": 0, \"input_length\": 1024, \"hash_ids\": [%d, %d], \"stop\": \"%s\"}"
                .formatted(ids[0], ids[1], end == TurnEnd.TOOL_USE ? "tool_use" : "end_turn"));
      }
    }
    Files.write(told, lines);
    double byTrace = survival(BlockTrace.read(TraceSource.of(told.toString()), Long.MAX_VALUE));
    double byRecording = survival(recorded());
    List<String> silent =
        lines.stream().map(line -> line.replaceAll(", \"stop\": \"\\w+\"", "")).toList();
    Files.write(told, silent);
    double untold = survival(BlockTrace.read(TraceSource.of(told.toString()), Long.MAX_VALUE));
    assertThat(byRecording).isCloseTo(byTrace, within(0.01));
    assertThat(byRecording).as("%.2f untold", untold).isGreaterThan(untold + 3);
  }

  /** The default policy's block hit ratio in percent at 100 blocks. */
  private static double survival(BlockTrace trace) {
    return 100
        * Simulation.run(
                trace, PolicyKind.DEFAULT, 100, new PrefillCost(1, 1, 1, 1), new AtomicLong())
            .blockHitRatio();
  }

  /** Sessions that share nothing with one another: thousands of chains to sample from. */
  private static List<long[]> sessions() {
    SplittableRandom random = new SplittableRandom(11);
    List<List<Long>> active = new ArrayList<>();
    for (int i = 0; i < 1_600; i++) {
      active.add(new ArrayList<>());
    }
    List<long[]> requests = new ArrayList<>();
    long fresh = 0;
    for (int i = 0; i < 40_000; i++) {
      int chosen = random.nextInt(active.size());
      if (random.nextInt(8) == 0) {
        active.set(chosen, new ArrayList<>());
      }
      List<Long> chain = active.get(chosen);
      for (int more = 1 + random.nextInt(4); more > 0; more--) {
        chain.add(fresh++);
      }
      requests.add(chain.stream().mapToLong(Long::longValue).toArray());
    }
    return requests;
  }

  @Test
  void aQuarterHasTheHitRatioOfTheWhole() throws IOException {
    List<long[]> requests = sessions();
    record(requests, 1);
    BlockTrace whole = recorded();
    for (Path file : RecordingFiles.in(directory)) {
      Files.delete(file);
    }
    record(requests, 4);
    BlockTrace quarter = recorded();
    assertThat((double) quarter.requests() / whole.requests()).isBetween(0.2, 0.3);
    assertThat(lru(whole, "10%")).isBetween(10.0, 90.0);
    // Capacities of many chains: of a few, one chain's own blocks are no sample of anything.
    for (String capacity : List.of("5%", "10%", "20%")) {
      assertThat(lru(quarter, capacity)).isCloseTo(lru(whole, capacity), within(3.0));
    }
    // Bytes are those of the whole traffic; the recording itself tells how large a block is.
    assertThat(row(whole, "64MiB").capacityIds()).isEqualTo(64);
    assertThat(row(quarter, "64MiB").capacityIds()).isEqualTo(16);
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    record(requests(TraceSource.of(TRACE)), 1);
    Path file = RecordingFiles.in(directory).getFirst();
    byte[] bytes = Files.readAllBytes(file);
    bytes[1_000] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(this::recorded)
        .isInstanceOf(AccessLogException.class)
        .hasMessageContaining(file + ": byte 40: damaged");
  }

  @Test
  void aDirectoryWithoutARecordingIsNamed() {
    assertThatThrownBy(this::recorded)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no recording in " + directory);
  }

  @Test
  void samplesOfDifferentSizesAreRefused() throws IOException {
    record(sessions().subList(0, 2_000), 1);
    record(sessions().subList(0, 2_000), 4);
    assertThatThrownBy(this::recorded)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one chain in 4");
    String first = RecordingFiles.in(directory).getFirst().toString();
    assertThat(BlockTrace.read(TraceSource.of(first), Long.MAX_VALUE).requests()).isEqualTo(2_000);
  }
}
