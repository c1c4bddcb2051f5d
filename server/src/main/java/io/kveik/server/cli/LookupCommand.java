package io.kveik.server.cli;

import io.kveik.client.BlockRef;
import io.kveik.client.KveikClient;
import io.kveik.client.LookupResult;
import io.kveik.client.LookupStop;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./kveik lookup}: what of a token sequence is cached, where, and why no more is. */
@Command(
    name = "lookup",
    description = "Finds the longest cached prefix of a token sequence, and says why it ends.",
    sortOptions = false,
    footer = {"", "Example: ./kveik lookup --text prompt.txt"})
public final class LookupCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private TokenOptions tokens = new TokenOptions();

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  public LookupCommand() {}

  @Override
  public Integer call() {
    long[] sequence = tokens.readBlocks();
    int total = sequence.length / KveikClient.BLOCK_TOKENS;
    return store.call(client -> {
      long startNanos = System.nanoTime();
      LookupResult result = client.lookup(store.scope(), sequence);
      long callMicros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNanos);
      PrintWriter out = spec.commandLine().getOut();
      if (store.json()) {
        out.println(Json.text(document(result, sequence.length, total, callMicros)));
      } else {
        print(out, result, sequence.length, total, callMicros);
      }
      out.flush();
      return CommandLine.ExitCode.OK;
    });
  }

  private static void print(
      PrintWriter out, LookupResult result, int tokens, int total, long callMicros) {
    out.printf(
        "found %d of %d blocks, %d of %d tokens%n",
        result.cachedBlocks(), total, result.cachedTokens(), tokens);
    List<BlockRef> blocks = result.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      BlockRef block = blocks.get(i);
      out.printf(
          "block %d  label %s  location %s%n",
          i, StoreOptions.label(block.label()), Terminal.safe(block.location()));
    }
    result.stop().ifPresent(stop -> out.println(Terminal.safe(sentence(stop))));
    out.printf(
        "server: %d us, of that storage %d us; the call, with connecting: %d us%n",
        result.timings().totalMicros(), result.timings().storageMicros(), callMicros);
  }

  private static String sentence(LookupStop stop) {
    StringBuilder text = new StringBuilder();
    text.append("stopped at block ").append(stop.blockIndex()).append(": ").append(reason(stop));
    if (stop.ageMillis() > 0) {
      text.append(", ").append(stop.ageMillis()).append(" ms ago");
    }
    if (stop.uses() > 0) {
      text.append(", used ").append(stop.uses()).append(" times");
    }
    if (!stop.detail().isEmpty()) {
      text.append(" (").append(stop.detail()).append(')');
    }
    return text.toString();
  }

  private Map<String, Object> document(
      LookupResult result, int tokens, int total, long callMicros) {
    List<Object> rows = new ArrayList<>();
    for (BlockRef block : result.blocks()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("index", rows.size());
      row.put("label", StoreOptions.label(block.label()));
      row.put("location", block.location());
      rows.add(row);
    }
    Map<String, Object> document = store.describe();
    document.put("tokens", tokens);
    document.put("blocks", total);
    document.put("found", result.cachedBlocks());
    document.put("locations", rows);
    document.put("stop", stop(result));
    document.put("serverMicros", result.timings().totalMicros());
    document.put("storageMicros", result.timings().storageMicros());
    document.put("callMicros", callMicros);
    return document;
  }

  private static @Nullable Map<String, Object> stop(LookupResult result) {
    if (result.stop().isEmpty()) {
      return null;
    }
    LookupStop stop = result.stop().get();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("block", stop.blockIndex());
    row.put("reason", reason(stop));
    row.put("ageMillis", stop.ageMillis());
    row.put("uses", stop.uses());
    row.put("detail", stop.detail());
    return row;
  }

  private static String reason(LookupStop stop) {
    return stop.reason().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
