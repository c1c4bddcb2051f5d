package io.kveik.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.client.NamespaceClient;
import io.kveik.client.TurnEnd;
import io.kveik.client.TurnHints;
import io.kveik.server.config.ConfigException;
import io.kveik.server.process.ServerProcess;
import io.kveik.server.recording.AccessLogReader;
import io.kveik.server.recording.RecordedEvent;
import io.kveik.server.recording.RecordedRequest;
import io.kveik.server.recording.RecordedTurnEnd;
import io.kveik.server.recording.RecordingFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a real server records of what clients ask. */
@Timeout(60)
final class RecordingTest {
  private static final int BYTES = 5_000;

  @TempDir Path directory;

  private Path recording() {
    return directory.resolve("record");
  }

  private List<RecordedRequest> recorded() throws IOException {
    return events().stream().map(RecordedRequest.class::cast).toList();
  }

  private List<RecordedEvent> events() throws IOException {
    List<RecordedEvent> all = new ArrayList<>();
    for (Path file : RecordingFiles.in(recording())) {
      try (AccessLogReader reader = AccessLogReader.open(file)) {
        for (RecordedEvent one = reader.next(); one != null; one = reader.next()) {
          all.add(one);
        }
      }
    }
    return all;
  }

  @Test
  void v1LookupsAreRecordedWholeWhateverOfThemIsStored() throws Exception {
    long[] tokens = Blocks.tokens(1, 6);
    long[] branch = tokens.clone();
    branch[4 * Blocks.BLOCK_TOKENS]++;
    try (RunningServer server =
            RunningServer.start(directory.resolve("data"), "record.dir=" + recording());
        KveikClient client = server.client()) {
      client.lookup(Blocks.SCOPE, tokens);
      for (int i = 0; i < 2; i++) {
        client.write(Blocks.SCOPE, Blocks.block(tokens, i, Blocks.payload(i, BYTES)));
      }
      assertThat(client.lookup(Blocks.SCOPE, tokens).blocks()).hasSize(2);
      client.lookup(Blocks.SCOPE, branch);
      await().until(() -> server.metric("kveik_record_requests_total") == 3);
      assertThat(server.metric("kveik_record_dropped_total")).isZero();
      server.awaitNoReaders();
    }
    List<RecordedRequest> read = recorded();
    assertThat(read).hasSize(3).allMatch(one -> one.blocks().length == 6);
    assertThat(read.get(1).blocks()).isEqualTo(read.get(0).blocks());
    assertThat(read.get(1).blockTokens()).isEqualTo(Blocks.BLOCK_TOKENS);
    assertThat(read.get(1).blockBytes()).isGreaterThanOrEqualTo(BYTES);
    assertThat(Arrays.mismatch(read.get(1).blocks(), read.get(2).blocks())).isEqualTo(4);
    assertThat(read.get(2).blocks()[5]).isNotEqualTo(read.get(1).blocks()[5]);
  }

  @Test
  void nativeMatchesAreRecordedByTheirIds() throws Exception {
    try (RunningServer server =
            RunningServer.start(directory.resolve("data"), "record.dir=" + recording());
        BlockClient client =
            BlockClient.connect(BlockClientOptions.of("localhost:" + server.port()));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      blocks.store(List.of(NativeBlocks.store(0, BYTES)));
      blocks.match(ids(0, 1, 2));
      blocks.match(ids(0, 1, 2, 3));
      blocks.match(ids(0, 9));
      server.awaitNoReaders();
    }
    List<RecordedRequest> read = recorded();
    assertThat(read).extracting(one -> one.blocks().length).containsExactly(3, 4, 2);
    assertThat(Arrays.mismatch(read.get(0).blocks(), read.get(1).blocks())).isEqualTo(3);
    assertThat(Arrays.mismatch(read.get(0).blocks(), read.get(2).blocks())).isEqualTo(1);
    assertThat(read).allMatch(one -> one.blockTokens() == 16 && one.blockBytes() == BYTES);
  }

  @Test
  void whatClientsTellOfTurnsIsRecorded() throws Exception {
    byte[] conversation = {1};
    try (RunningServer server =
            RunningServer.start(directory.resolve("data"), "record.dir=" + recording());
        BlockClient client =
            BlockClient.connect(BlockClientOptions.of("localhost:" + server.port()));
        NamespaceClient blocks = client.open(NativeBlocks.NAMESPACE)) {
      blocks.store(List.of(NativeBlocks.store(0, BYTES)));
      // What a Match tells is of what it found; what a Prefetch tells, of all it names.
      blocks.match(ids(0, 1, 2), new TurnHints(conversation, Optional.empty(), TurnEnd.CANCELLED));
      blocks.prefetch(
          ids(0, 1, 2), new TurnHints(conversation, Optional.empty(), TurnEnd.TOOL_USE));
      blocks.prefetch(ids(0, 1, 2), TurnHints.of(conversation));
      server.awaitNoReaders();
    }
    List<RecordedEvent> read = events();
    assertThat(read).hasSize(3);
    long[] chain = ((RecordedRequest) read.get(0)).blocks();
    assertThat(read.subList(1, 3))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactly(
            new RecordedTurnEnd(io.kveik.server.block.TurnEnd.CANCELLED, Arrays.copyOf(chain, 1)),
            new RecordedTurnEnd(io.kveik.server.block.TurnEnd.TOOL_USE, chain));
  }

  @Test
  void aKilledServerLeavesAReadableRecording() throws Exception {
    for (int round = 1; round <= 2; round++) {
      try (ServerProcess server =
              ServerProcess.start(
                  List.of("-Xmx192m", "-XX:TieredStopAtLevel=1"),
                  List.of(
                      "--data-dir", directory.resolve("data").toString(),
                      "--dram-bytes", "32MiB",
                      "--record-dir", recording().toString()),
                  Duration.ofSeconds(50));
          KveikClient client =
              KveikClient.connect(
                  ClientOptions.builder(server.target())
                      .lookupDeadline(Duration.ofSeconds(30))
                      .build())) {
        int before = recorded().size();
        await()
            .until(() -> {
              client.lookup(Blocks.SCOPE, Blocks.tokens(1, 3));
              return recorded().size() > before + 10;
            });
        server.kill();
      }
      assertThat(recorded())
          .hasSizeGreaterThan(10 * round)
          .allMatch(one -> one.blocks().length == 3);
    }
  }

  @Test
  void aDirectoryThatCantBeMadeIsNamed() throws Exception {
    Files.writeString(recording(), "a file");
    assertThatThrownBy(
            () -> RunningServer.start(directory.resolve("data"), "record.dir=" + recording()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("record.dir: '" + recording());
  }

  private static List<byte[]> ids(long... numbers) {
    return LongStream.of(numbers).mapToObj(NativeBlocks::id).toList();
  }
}
