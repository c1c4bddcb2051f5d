package io.kveik.server.cli;

import io.kveik.client.Block;
import io.kveik.client.BlockRef;
import io.kveik.client.KveikClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./kveik get}: reads one block by its location, or a cached prefix by its tokens. */
@Command(
    name = "get",
    description = {
      "Reads one block by location and label (lookup prints both), or the whole cached prefix of a"
          + " token sequence.",
      "Every payload is checked against its checksum; one that fails is a miss."
    },
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:found", "1:failed", "2:wrong usage", "3:a miss"},
    footer = {"", "Example: ./kveik get --text prompt.txt --output prefix.kv"})
public final class GetCommand implements Callable<Integer> {
  static final int MISS = 3;

  @Spec private CommandSpec spec;
  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private TokenOptions tokens = new TokenOptions();

  @Option(
      names = "--location",
      paramLabel = "LOCATION",
      description = "One block's location; needs --label.")
  private @Nullable String location;

  @Option(
      names = "--label",
      paramLabel = "0xHEX",
      description = "The label that the block at --location must have.")
  private @Nullable String label;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the payloads go, one after the other; - is standard output.")
  private @Nullable String output;

  @Option(names = "--force", description = "Write binary to a terminal all the same.")
  private boolean force;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  public GetCommand() {}

  @Override
  public Integer call() throws IOException {
    boolean toStandardOutput = "-".equals(output);
    if (toStandardOutput && store.json()) {
      throw CommandException.usage("--json and --output - would mix on standard output");
    }
    if (toStandardOutput && !force && Terminal.isStandardOutput()) {
      throw CommandException.usage(
          "payloads are binary and standard output is a terminal; give --output FILE, or --force");
    }
    if (location == null ? label != null : label == null || tokens.given()) {
      throw CommandException.usage("give --location and --label together, or tokens");
    }
    if (location != null && location.isEmpty()) {
      throw CommandException.usage("--location is empty");
    }
    long[] sequence = location == null ? tokens.readBlocks() : new long[0];
    try (PayloadSink sink = PayloadSink.open(output)) {
      int code = store.call(client -> read(client, sequence, sink));
      if (code == CommandLine.ExitCode.OK) {
        sink.keep();
      }
      return code;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private int read(KveikClient client, long[] sequence, PayloadSink sink) {
    List<BlockRef> refs =
        location == null
            ? client.lookup(store.scope(), sequence).blocks()
            : List.of(new BlockRef(StoreOptions.parseLabel(String.valueOf(label)), location));
    List<Object> rows = new ArrayList<>();
    int[] misses = {0};
    client.readAll(
        store.scope(),
        refs,
        (i, block) -> {
          misses[0] += block.isEmpty() ? 1 : 0;
          rows.add(row(i, refs.get(i), block));
          if (misses[0] == 0 && block.isPresent()) {
            sink.write(block.get().wrapParts());
          }
        });
    int wanted = location == null ? sequence.length / KveikClient.BLOCK_TOKENS : 1;
    int read = refs.size() - misses[0];
    report(rows, wanted, read, client.corruptBlocks());
    return read > 0 && misses[0] == 0 ? CommandLine.ExitCode.OK : MISS;
  }

  private static Map<String, Object> row(int index, BlockRef ref, Optional<Block> block) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("index", index);
    row.put("label", StoreOptions.label(ref.label()));
    row.put("hit", block.isPresent());
    block.ifPresent(hit -> {
      row.put("parent", StoreOptions.label(hit.info().parentLabel()));
      row.put("bytes", hit.length());
    });
    return row;
  }

  /** To standard error when standard output has the payloads. */
  private void report(List<Object> rows, int wanted, int read, long corrupt) {
    PrintWriter out =
        "-".equals(output) ? spec.commandLine().getErr() : spec.commandLine().getOut();
    if (store.json()) {
      Map<String, Object> document = store.describe();
      document.put("wanted", wanted);
      document.put("read", read);
      document.put("corrupt", corrupt);
      document.put("blocks", rows);
      out.println(Json.text(document));
    } else {
      for (Object row : rows) {
        if (row instanceof Map<?, ?> columns) {
          Object bytes = columns.get("bytes");
          out.printf(
              "block %s  label %s  %s%n",
              columns.get("index"),
              columns.get("label"),
              bytes == null ? "miss" : bytes + " bytes, checksum good");
        }
      }
      out.printf(
          "read %d of %d blocks%s%n",
          read, wanted, corrupt == 0 ? "" : ", " + corrupt + " failed their check");
    }
    out.flush();
  }
}
