package io.kveik.bench.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kveik.bench.TraceFiles;
import io.kveik.server.block.TurnEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceReaderTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"t.jsonl", "t.jsonl.gz"})
  void readsPlainAndGzip(String name) throws IOException {
    Path file =
        TraceFiles.write(
            directory.resolve(name),
            List.of(
                TraceFiles.line(0, List.of(1, 2, 3)),
                "",
                "{\"hash_ids\":[9223372036854775807],\"session\":5,\"stop\":\"x\","
                    + "\"more\":{\"a\":[1]},\"input_length\":3,\"timestamp\":12}\r",
                TraceFiles.line(13, List.of())));
    try (TraceReader reader = TraceReader.open(file)) {
      TraceRequest first = next(reader);
      assertThat(first.timestampMillis()).isZero();
      assertThat(first.inputTokens()).isEqualTo(1536);
      assertThat(first.ids()).containsExactly(1, 2, 3);
      TraceRequest second = next(reader);
      assertThat(second.timestampMillis()).isEqualTo(12);
      assertThat(second.inputTokens()).isEqualTo(3);
      assertThat(second.ids()).containsExactly(Long.MAX_VALUE);
      assertThat(next(reader).ids()).isEmpty();
      assertThat(reader.next()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nonsense | is not one JSON object",
        "[1] | is not one JSON object",
        "{timestamp:1} | is not one JSON object",
        "{'timestamp':1,'input_length':1,'hash_ids':[1 | is not one JSON object",
        "{'timestamp':1,'input_length':1,'hash_ids':[1]} {} | is not one JSON object",
        "{'input_length':1,'hash_ids':[1]} | timestamp is missing",
        "{'timestamp':1,'hash_ids':[1]} | input_length is missing",
        "{'timestamp':1,'input_length':1} | hash_ids is missing",
        "{'timestamp':1.5,'input_length':1,'hash_ids':[1]} | timestamp is not a whole",
        "{'timestamp':-1,'input_length':1,'hash_ids':[1]} | timestamp is -1",
        "{'timestamp':1,'input_length':'1','hash_ids':[1]} | input_length is not",
        "{'timestamp':1,'input_length':1,'hash_ids':7} | hash_ids is not an array",
        "{'timestamp':1,'input_length':1,'hash_ids':[1,-2]} | hash_ids[1] is -2",
        "{'timestamp':1,'input_length':1,'hash_ids':[9223372036854775808]}"
            + " | hash_ids[0] is not a whole",
        "{'timestamp':1e3,'input_length':1,'hash_ids':[1]} | timestamp is not a whole",
        "{'timestamp':1,'input_length':1,'hash_ids':[null]} | hash_ids[0] is not",
      })
  void namesFileLineAndField(String line, String reason) throws IOException {
    Path file =
        TraceFiles.write(
            directory.resolve("bad.jsonl"),
            List.of(TraceFiles.line(0, List.of(1)), line.replace('\'', '"')));
    try (TraceReader reader = TraceReader.open(file)) {
      next(reader);
      assertThatThrownBy(reader::next)
          .isInstanceOf(TraceException.class)
          .hasMessageContaining("bad.jsonl: line 2: ")
          .hasMessageContaining(reason.strip());
    }
  }

  @Test
  void refusesTooManyIds() throws IOException {
    String ids = "1,".repeat(TraceRequest.MAX_IDS) + "1";
    Path file =
        TraceFiles.write(
            directory.resolve("wide.jsonl"),
            List.of("{\"timestamp\":0,\"input_length\":1,\"hash_ids\":[" + ids + "]}"));
    try (TraceReader reader = TraceReader.open(file)) {
      assertThatThrownBy(reader::next).hasMessageContaining("more than 1,000,000 ids");
    }
  }

  @Test
  void refusesLinesWithoutEnd() throws IOException {
    byte[] endless = new byte[LineReader.MAX_LINE_BYTES + 1];
    Arrays.fill(endless, (byte) ' ');
    Path file = Files.write(directory.resolve("endless.jsonl"), endless);
    try (TraceReader reader = TraceReader.open(file)) {
      assertThatThrownBy(reader::next).hasMessageContaining("line 1: is longer than 33,554,432");
    }
  }

  @Test
  void saysThatGzipIsTruncated() throws IOException {
    Path whole = TraceFiles.write(directory.resolve("whole.gz"), manyLines());
    byte[] bytes = Files.readAllBytes(whole);
    Path file = Files.write(directory.resolve("cut.gz"), Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> readAll(file))
        .isInstanceOf(TraceException.class)
        .hasMessageContaining("cut.gz: line ")
        .hasMessageContaining("truncated");
  }

  @Test
  void refusesGarbage() throws IOException {
    byte[] garbage = new byte[100_000];
    new Random(7).nextBytes(garbage);
    Path plain = Files.write(directory.resolve("garbage.jsonl"), garbage);
    assertThatThrownBy(() -> readAll(plain)).isInstanceOf(TraceException.class);

    garbage[0] = 0x1f;
    garbage[1] = (byte) 0x8b;
    Path gzip = Files.write(directory.resolve("garbage.gz"), garbage);
    assertThatThrownBy(() -> readAll(gzip))
        .isInstanceOf(TraceException.class)
        .hasMessageContaining("garbage.gz: line 1: ");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"tool_use\"', TOOL_USE",
    "'\"end_turn\"', END_TURN",
    "'\"max_tokens\"', MAX_TOKENS",
    "'\"stop_sequence\"', STOP_SEQUENCE",
    "'\"\"', UNKNOWN",
    "null, UNKNOWN",
    "'[1]', UNKNOWN",
  })
  void readsWhyATurnEnded(String stop, TurnEnd end) throws IOException {
    String line = "{\"timestamp\":0,\"input_length\":1,\"hash_ids\":[1],\"stop\":" + stop + "}";
    Path file = TraceFiles.write(directory.resolve("stops.jsonl"), List.of(line));
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.next()).isNotNull().extracting(TraceRequest::end).isEqualTo(end);
    }
  }

  @Test
  void readsAnEmptyFile() throws IOException {
    Path file = Files.writeString(directory.resolve("empty.jsonl"), "", UTF_8);
    assertThat(readAll(file)).isZero();
  }

  private static List<String> manyLines() {
    return TraceFiles.randomRequests(2_000, 1).stream()
        .map(ids -> TraceFiles.line(1, ids))
        .toList();
  }

  private static int readAll(Path file) throws IOException {
    int count = 0;
    try (TraceReader reader = TraceReader.open(file)) {
      while (reader.next() != null) {
        count++;
      }
    }
    return count;
  }

  private static TraceRequest next(TraceReader reader) throws TraceException {
    TraceRequest request = reader.next();
    assertThat(request).isNotNull();
    return Objects.requireNonNull(request);
  }
}
