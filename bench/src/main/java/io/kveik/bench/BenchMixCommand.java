package io.kveik.bench;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.endpoint.DramSizing;
import io.kveik.bench.endpoint.Target;
import io.kveik.bench.load.Load;
import io.kveik.bench.load.LoadPlan;
import io.kveik.bench.load.LoadReport;
import io.kveik.bench.load.LoadResult;
import io.kveik.bench.load.Mix;
import io.kveik.bench.report.Style;
import io.kveik.bench.run.StopSignal;
import io.kveik.client.AckLevel;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands of {@code ./kveik bench} share: all but what the clients do. */
@Command(
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Exit code: 0 when every block was right and none of the calls failed for good, 1 when not,"
          + " 2 for usage. Calls that the server refuses or answers too late count as errors.",
      "Stopped by Ctrl-C it prints the figures so far."
    })
abstract class BenchMixCommand extends RunCommand {
  @Mixin private LoadOptions load = new LoadOptions();

  /** What the clients do. */
  abstract Mix mix();

  boolean streaming() {
    return false;
  }

  AckLevel ack() {
    return AckLevel.UNSPECIFIED;
  }

  @Override
  final boolean run(StopSignal stop) throws IOException, InterruptedException {
    target().check(null);
    result().check();
    load.check(result());
    LoadPlan plan = load.plan(mix(), streaming(), scope().scope(), ack());
    Load run = new Load(plan);
    String partition = plan.scope().partition();
    long extent = DramSizing.extentBytes(plan.blockBytes(), partition, BlockContent.WIDEST_TOKEN);
    long dramBytes =
        DramSizing.dramBytesFor(
            plan.roomInBlocks(), plan.blockBytes(), partition, BlockContent.WIDEST_TOKEN);
    try (Target target = target().open(dramBytes, extent, false)) {
      LoadResult outcome = run.run(target, stop);
      LoadReport report = new LoadReport(outcome, target.description());
      boolean csvOnly = load.takesStandardOutput();
      Style style = csvOnly ? Style.PLAIN : result().style();
      result().publish(report.toText(style), report.toJson(), csvOnly ? err() : out(), err());
      load.publish(report.toCsv(), out());
      return outcome.isGood();
    }
  }

  /** {@code ./kveik bench read}. */
  @Command(
      name = "read",
      description = {
        "Reads random blocks of a working set that it writes first.",
        "",
        "Every block is compared with the checksum of what was written, where it lies: it is not"
            + " copied. The time of that counts. With --streaming a read is one stream of a random"
            + " chain, and blocks are timed one by one too.",
        "",
        "Examples:",
        "  ./kveik bench read --concurrency 16",
        "  ./kveik bench read --streaming --chain 32 --target kv:50051 --json -"
      })
  static final class Read extends BenchMixCommand {
    @Option(names = "--streaming", description = "Read whole chains, each over one stream.")
    private boolean streaming;

    @Override
    Mix mix() {
      return Mix.READ;
    }

    @Override
    boolean streaming() {
      return streaming;
    }
  }

  /** {@code ./kveik bench write}. */
  @Command(
      name = "write",
      description = {
        "Writes new blocks without end; a server that is full has to evict.",
        "",
        "No key is written twice. Payloads don't compress. --blocks is how many blocks the own"
            + " server has room for.",
        "",
        "Examples:",
        "  ./kveik bench write --block-bytes 64KiB --concurrency 16",
        "  ./kveik bench write --fs-bytes 4GiB --ack local --csv figures.csv"
      })
  static final class Write extends BenchMixCommand {
    @Mixin private AckOption ack = new AckOption();

    @Override
    Mix mix() {
      return Mix.WRITE;
    }

    @Override
    AckLevel ack() {
      return ack.level();
    }
  }

  /** {@code ./kveik bench lookup}. */
  @Command(
      name = "lookup",
      description = {
        "Looks up random chains of a working set that it writes first.",
        "",
        "A lookup asks for a whole chain and has to find every block of it.",
        "",
        "Examples:",
        "  ./kveik bench lookup --block-bytes 1KiB --blocks 100000 --chain 64",
        "  ./kveik bench lookup --target kv:50051 --concurrency 32"
      })
  static final class Lookup extends BenchMixCommand {
    @Override
    Mix mix() {
      return Mix.LOOKUP;
    }
  }

  /** {@code ./kveik bench mixed}. */
  @Command(
      name = "mixed",
      description = {
        "Repeats 7 lookups of chains, 6 reads of blocks and 3 writes of blocks, in this order.",
        "",
        "Lookups and reads go to random places of a working set that it writes first. Writes are"
            + " new blocks, or blocks of the working set that a client has missed. The own server"
            + " has room for twice the working set.",
        "",
        "Examples:",
        "  ./kveik bench mixed --seconds 60",
        "  ./kveik bench mixed --target kv:50051 --blocks 2000 --json figures.json"
      })
  static final class Mixed extends BenchMixCommand {
    @Mixin private AckOption ack = new AckOption();

    @Override
    Mix mix() {
      return Mix.MIXED;
    }

    @Override
    AckLevel ack() {
      return ack.level();
    }
  }
}
