package io.kveik.server.cli;

import static io.kveik.client.KveikClient.BLOCK_TOKENS;

import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;
import io.kveik.client.BlockWrite;
import io.kveik.client.ChainLabels;
import io.kveik.client.KveikClient;
import io.kveik.client.WriteResult;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./kveik put}: stores the whole blocks of a token sequence, one after the other. */
@Command(
    name = "put",
    description = {
      "Stores the full blocks (128 tokens each) of a token sequence, chained.",
      "Tokens after the last full block are left out."
    },
    sortOptions = false,
    footer = {"", "Example: ./kveik put --text prompt.txt --payload-bytes 64KiB --ack local"})
public final class PutCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private TokenOptions tokens = new TokenOptions();
  @Mixin private PayloadOptions payload = new PayloadOptions();

  @Option(
      names = "--ack",
      paramLabel = "LEVEL",
      description = "Wait until stored in memory, local or shared. Default: the server's own.")
  private String ack = "";

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "The block expires after this: 30s, 2h, 7d. Default: never.")
  private @Nullable Duration ttl;

  @Option(
      names = "--priority",
      paramLabel = "0-3",
      description = "How often eviction passes over the block. Default: 0.")
  private int priority;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  public PutCommand() {}

  @Override
  public Integer call() {
    AckLevel level = ackLevel();
    if (priority < 0 || priority > BlockWrite.MAX_PRIORITY) {
      throw CommandException.usage("--priority: " + priority + ", must be 0 to 3");
    }
    long[] sequence = tokens.readBlocks();
    long[] labels = ChainLabels.chain(sequence);
    try (Arena arena = Arena.ofShared()) {
      IntFunction<MemorySegment> payloads = payload.open(labels, arena);
      return store.call(client -> put(client, sequence, labels, payloads, level));
    }
  }

  private int put(
      KveikClient client,
      long[] sequence,
      long[] labels,
      IntFunction<MemorySegment> payloads,
      AckLevel level) {
    PrintWriter out = spec.commandLine().getOut();
    BlockScope scope = store.scope();
    List<Object> rows = new ArrayList<>();
    int belowLevel = 0;
    for (int i = 0; i < labels.length; i++) {
      long parent = i == 0 ? 0 : labels[i - 1];
      long[] own = Arrays.copyOfRange(sequence, i * BLOCK_TOKENS, (i + 1) * BLOCK_TOKENS);
      BlockWrite.Builder block =
          BlockWrite.builder(labels[i], parent, own, payloads.apply(i))
              .ackLevel(level)
              .priority(priority);
      if (ttl != null) {
        block.ttl(ttl);
      }
      BlockWrite write = block.build();
      WriteResult result = client.write(scope, write);
      if (result.ackLevel().compareTo(level) < 0) {
        belowLevel++;
      }
      rows.add(row(i, write, result));
      if (!store.json()) {
        out.printf(
            "block %d  label %s  parent %s  %d bytes  %s%s%n",
            i,
            StoreOptions.label(labels[i]),
            StoreOptions.label(parent),
            write.payload().byteSize(),
            name(result.ackLevel()),
            result.alreadyPresent() ? ", was there already" : "");
        out.flush();
      }
    }
    if (store.json()) {
      Map<String, Object> document = store.describe();
      document.put("blocks", rows);
      out.println(Json.text(document));
      out.flush();
    }
    if (belowLevel > 0) {
      throw CommandException.failure(
          "%d of %d blocks did not reach the level asked for, %s"
              .formatted(belowLevel, labels.length, name(level)));
    }
    return CommandLine.ExitCode.OK;
  }

  private static Map<String, Object> row(int index, BlockWrite write, WriteResult result) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("index", index);
    row.put("label", StoreOptions.label(write.label()));
    row.put("parent", StoreOptions.label(write.parentLabel()));
    row.put("bytes", write.payload().byteSize());
    row.put("ack", name(result.ackLevel()));
    row.put("alreadyPresent", result.alreadyPresent());
    return row;
  }

  private AckLevel ackLevel() {
    return switch (ack) {
      case "" -> AckLevel.UNSPECIFIED;
      case "memory" -> AckLevel.MEMORY;
      case "local" -> AckLevel.LOCAL;
      case "shared" -> AckLevel.SHARED;
      default ->
          throw CommandException.usage("--ack: '" + ack + "', must be memory, local or shared");
    };
  }

  private static String name(AckLevel level) {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
