package io.kveik.bench;

import com.google.gson.JsonObject;
import io.kveik.bench.output.HtmlReport;
import io.kveik.bench.report.ByteSizes;
import io.kveik.bench.report.Progress;
import io.kveik.bench.trace.TraceException;
import io.kveik.bench.trace.TraceSource;
import io.kveik.bench.whatif.BlockTrace;
import io.kveik.bench.whatif.Candidate;
import io.kveik.bench.whatif.PrefillCost;
import io.kveik.bench.whatif.TierSize;
import io.kveik.bench.whatif.TieredReport;
import io.kveik.bench.whatif.TieredSimulation;
import io.kveik.bench.whatif.WhatIf;
import io.kveik.bench.whatif.WhatIfReport;
import io.kveik.server.cli.Terminal;
import io.kveik.server.recording.AccessLogException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./kveik what-if}: the hit ratio there would be, without a server. */
@Command(
    name = "what-if",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs the server's eviction policies over a request trace and says what the hit ratio would"
          + " be at each capacity, beside the bound that no policy can beat (MIN).",
      "",
      "A request hits the longest cached prefix of its blocks; then all of them are cached. An id"
          + " of the trace is 512 tokens, of a recording one block."
    },
    footer = {
      "",
      "Examples:",
      "  ./kveik what-if conversation.jsonl.gz --policy all --html curves.html",
      "  ./kveik what-if conversation.jsonl.gz --capacity 64GiB,1TiB --block-bytes 40MiB",
      "  ./kveik what-if conversation.jsonl.gz --dram 2%% --nvme 20%%",
      "  ./kveik what-if /var/lib/kveik/record --policy default,lru --capacity 64GiB",
      "  ./kveik what-if synthetic:agents,seed=7 --policy default,lru --json -",
      "",
      "Exit code: 0, 1 when a file can't be written, 2 for usage or a trace that can't be read."
    })
public final class WhatIfCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "TRACE",
      description =
          "JSON lines, plain or gzip, with timestamp, input_length, hash_ids; or"
              + " synthetic:NAME[,seed=N][,requests=N] with NAME one of chat, agents, scan, loop,"
              + " mixed, shift; or the record.dir of a server, or a file of it.")
  private String trace = "";

  @Option(
      names = "--capacity",
      paramLabel = "SIZE",
      split = ",",
      defaultValue = "1%,2%,5%,10%,25%",
      description =
          "Shares of the trace's different ids, or bytes: 5%%, 64GiB. Default: ${DEFAULT-VALUE}.")
  private List<String> capacities = List.of();

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "default",
      description =
          "default (the server's own), default-by-cost (the same, keeping what is dear to compute"
              + " again), lru, s3-fifo, arc, hit-density; all: all of these but default-by-cost;"
              + " reference-lru-root-first, reference-s3-fifo, reference-w-tinylfu, reference-sieve,"
              + " reference-hit-density (plain caches as others measured them); table: these, lru"
              + " and arc. Default: default.")
  private List<String> policies = List.of();

  @Option(
      names = "--block-bytes",
      paramLabel = "SIZE",
      converter = ByteSizes.class,
      defaultValue = "0",
      showDefaultValue = Visibility.NEVER,
      description =
          "KV bytes of a block of 128 tokens; needed for capacities in bytes, unless the trace is a"
              + " recording, which tells.")
  private long blockBytes;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Only the first N requests. Default: all.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--dram",
      paramLabel = "SIZE",
      description =
          "With --nvme: two tiers, DRAM of this size under the first --policy. Tells hits and NVMe"
              + " writes for each way of moving blocks and of keeping them on NVMe.")
  private @Nullable String dram;

  @Option(names = "--nvme", paramLabel = "SIZE", description = "Size of the tier below --dram.")
  private @Nullable String nvme;

  @Mixin private PrefillOptions prefill = new PrefillOptions();
  @Mixin private ResultOptions result = new ResultOptions();

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a page with curves: one file that needs nothing else.")
  private @Nullable String html;

  @Override
  public Integer call() {
    try {
      result.check();
      ResultOptions.checkWritable("--html", html);
      if (ResultOptions.STANDARD_OUTPUT.equals(html)) {
        throw new IllegalArgumentException("--html needs a file");
      }
      run();
      return ExitCode.OK;
    } catch (IllegalArgumentException | TraceException | AccessLogException e) {
      return complain(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return complain(ExitCode.SOFTWARE, e.toString());
    }
  }

  private void run() throws IOException {
    TraceSource source = TraceSource.of(trace);
    PrefillCost cost = prefill.cost();
    // Before a long trace is read.
    PolicyNames names = PolicyNames.parse(policies);
    if (dram != null && nvme != null) {
      runTiered(source, names, cost, TierSize.parse(dram), TierSize.parse(nvme));
    } else if (dram != null || nvme != null) {
      throw new IllegalArgumentException("--dram and --nvme need each other");
    } else {
      runOneTier(source, names, cost);
    }
  }

  private void runTiered(
      TraceSource source, PolicyNames names, PrefillCost cost, TierSize dramSize, TierSize nvmeSize)
      throws IOException {
    if (html != null) {
      throw new IllegalArgumentException("--html is for one tier, without --dram and --nvme");
    }
    BlockTrace blocks = BlockTrace.read(source, limit);
    if (!(names.candidates(cost, blocks).getFirst() instanceof Candidate.Policy candidate)) {
      throw new IllegalArgumentException("--dram and --nvme need a policy of the server's");
    }
    AtomicLong done = new AtomicLong();
    long total = TieredSimulation.accesses(blocks);
    TieredSimulation figures;
    try (Progress _ = Progress.start(() -> new Progress.State(done.get(), total, "accesses"))) {
      figures =
          TieredSimulation.run(
              blocks,
              candidate.policies(),
              dramSize.ids(blocks, blockBytes),
              nvmeSize.ids(blocks, blockBytes),
              cost,
              done);
    }
    String title =
        "What if: %s, %s of DRAM under %s, %s of NVMe"
            .formatted(source.name(), dramSize.text(), candidate.name(), nvmeSize.text());
    result.publish(
        TieredReport.text(title, figures, result.style()),
        TieredReport.json(source.name(), figures),
        spec.commandLine().getOut(),
        spec.commandLine().getErr());
  }

  private void runOneTier(TraceSource source, PolicyNames names, PrefillCost cost)
      throws IOException {
    List<TierSize> sizes = capacities.stream().map(TierSize::parse).distinct().toList();
    BlockTrace blocks = BlockTrace.read(source, limit);
    List<Candidate> candidates = names.candidates(cost, blocks);
    AtomicLong done = new AtomicLong();
    long total = WhatIf.accesses(blocks, candidates.size(), sizes.size());
    WhatIf figures;
    try (Progress _ = Progress.start(() -> new Progress.State(done.get(), total, "accesses"))) {
      figures = WhatIf.run(blocks, candidates, sizes, blockBytes, cost, done);
    }
    String title = "What if: " + source.name();
    JsonObject json = WhatIfReport.json(source.name(), figures);
    PrintWriter out = spec.commandLine().getOut();
    result.publish(
        WhatIfReport.text(title, figures, result.style()), json, out, spec.commandLine().getErr());
    if (html != null) {
      ResultOptions.write(html, HtmlReport.ofWhatIf(json), out);
    }
  }

  private int complain(int exitCode, String message) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(spec.qualifiedName() + ": " + Terminal.safe(message));
    err.flush();
    return exitCode;
  }
}
