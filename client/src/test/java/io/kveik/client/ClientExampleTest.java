package io.kveik.client;

import static io.kveik.client.KveikClient.BLOCK_TOKENS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The example in the documentation of {@link KveikClient}, compiled and run. */
final class ClientExampleTest {
  // example
  static int restoreAndOffload(String target, long[] tokens, MemorySegment kv, int blockBytes) {
    BlockScope scope = new BlockScope("account", "kv", "llama-3-8b");
    try (KveikClient client = KveikClient.connect(target)) {
      int[] restored = {0};
      BlockConsumer restore =
          (i, block) -> {
            if (block.isPresent() && i == restored[0]) {
              block.get().copyTo(kv.asSlice((long) i * blockBytes, blockBytes));
              restored[0]++;
            }
          };
      client.readAll(scope, client.lookup(scope, tokens).blocks(), restore);
      // ... compute the prefill of what was not restored, then:
      long[] labels = ChainLabels.chain(tokens);
      for (int i = restored[0]; i < labels.length; i++) {
        long[] own = Arrays.copyOfRange(tokens, i * BLOCK_TOKENS, (i + 1) * BLOCK_TOKENS);
        MemorySegment payload = kv.asSlice((long) i * blockBytes, blockBytes);
        client.write(scope, BlockWrite.of(labels[i], i == 0 ? 0 : labels[i - 1], own, payload));
      }
      return restored[0];
    }
  }

  // end of example

  @Test
  void exampleOffloadsThenRestores() {
    int blockBytes = 4_096;
    Chain chain = Chain.random(7, 3, blockBytes);
    try (StoreServer server = StoreServer.start();
        Arena arena = Arena.ofConfined()) {
      MemorySegment kv = arena.allocate(3L * blockBytes);
      for (int i = 0; i < 3; i++) {
        kv.asSlice((long) i * blockBytes, blockBytes)
            .copyFrom(MemorySegment.ofArray(chain.payloads().get(i)));
      }
      assertThat(restoreAndOffload(server.target(), chain.tokens(), kv, blockBytes)).isZero();

      MemorySegment restored = arena.allocate(3L * blockBytes);
      assertThat(restoreAndOffload(server.target(), chain.tokens(), restored, blockBytes))
          .isEqualTo(3);
      assertThat(restored.mismatch(kv)).isEqualTo(-1);
    }
  }

  @Test
  void exampleIsTheOneInTheDocumentation() throws IOException {
    Path sources = Path.of("src");
    String documented =
        between(
            Files.readString(sources.resolve("main/java/io/kveik/client/KveikClient.java")),
            "<pre>{@code",
            "}</pre>",
            " * ");
    String compiled =
        between(
            Files.readString(sources.resolve("test/java/io/kveik/client/ClientExampleTest.java")),
            "// example\n",
            "// end of example",
            "  ");
    assertThat(documented).isEqualTo(compiled).contains("KveikClient.connect");
  }

  private static String between(String source, String start, String end, String indent) {
    int from = source.indexOf(start) + start.length();
    return source
        .substring(from, source.indexOf(end, from))
        .lines()
        .map(line -> line.startsWith(indent) ? line.substring(indent.length()) : line.strip())
        .filter(line -> !line.isBlank() && !line.equals("*"))
        .collect(Collectors.joining("\n"));
  }
}
