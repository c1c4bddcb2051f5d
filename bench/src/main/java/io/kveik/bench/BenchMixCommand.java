package io.kveik.bench;

import io.kveik.bench.block.BlockContent;
import io.kveik.bench.check.Assertion;
import io.kveik.bench.check.Verdict;
import io.kveik.bench.contest.BenchPlan;
import io.kveik.bench.contest.BenchResult;
import io.kveik.bench.contest.BenchRun;
import io.kveik.bench.endpoint.DramSizing;
import io.kveik.bench.endpoint.Target;
import io.kveik.bench.fleet.Fleet;
import io.kveik.bench.load.LoadGenerator;
import io.kveik.bench.load.LocalGenerator;
import io.kveik.bench.load.Mix;
import io.kveik.bench.load.Slice;
import io.kveik.bench.load.Workload;
import io.kveik.bench.peer.LimitKind;
import io.kveik.bench.peer.Lineup;
import io.kveik.bench.run.StopSignal;
import io.kveik.client.AckLevel;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the measuring commands of {@code ./kveik bench} share: all but what the clients do. */
@Command(
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Exit code: 0 when every block was right, none of the calls failed for good and every --assert"
          + " holds, 1 when not, 2 for usage. Calls that a store refuses or answers too late count"
          + " as errors.",
      "Stopped by Ctrl-C it prints the figures so far."
    })
abstract class BenchMixCommand extends RunCommand {
  private static final int DEFAULT_CONCURRENCY = 4;
  private static final int DEFAULT_SECONDS = 10;

  @Mixin private WorkloadOptions workload = new WorkloadOptions();
  @Mixin private ScheduleOptions schedule = new ScheduleOptions();
  @Mixin private LineupOptions lineup = new LineupOptions();
  @Mixin private FigureOptions figures = new FigureOptions();

  /** What the clients do. */
  abstract Mix mix();

  ScheduleOptions.Defaults defaults() {
    return new ScheduleOptions.Defaults(mix().key(), List.of(DEFAULT_CONCURRENCY), DEFAULT_SECONDS);
  }

  boolean limitsByDefault() {
    return false;
  }

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
    List<LimitKind> limits = lineup.limits(limitsByDefault(), target().hasDisk());
    List<String> others = lineup.others(limits);
    Workload load = workload.workload(mix(), streaming());
    BenchPlan plan = schedule.plan(defaults(), load, scope(), ack(), !others.isEmpty());
    LocalGenerator.checkMemory(load, plan.clients());
    List<Assertion> assertions = figures.check(result(), plan, load.operations(), others);
    try (Lineup contenders = lineup.start(plan, () -> openTarget(plan), limits);
        LoadGenerator generator = generator(plan, stop)) {
      BenchResult outcome = new BenchRun(plan, contenders.contenders(), generator, stop).run();
      List<Verdict> verdicts = assertions.stream().map(a -> a.judge(outcome)).toList();
      figures.publish(outcome, verdicts, result(), out(), err());
      return outcome.isGood() && verdicts.stream().allMatch(Verdict::holds);
    }
  }

  private Target openTarget(BenchPlan plan) throws IOException {
    int blockBytes = plan.workload().blockBytes();
    String partition = plan.scope().partition();
    long extent = DramSizing.extentBytes(blockBytes, partition, BlockContent.WIDEST_TOKEN);
    long dramBytes = DramSizing.dramBytesFor(plan.workload().roomInBlocks(), extent);
    return target().open(dramBytes, extent, false);
  }

  private static LoadGenerator generator(BenchPlan plan, StopSignal stop) throws IOException {
    return plan.processes() == 1
        ? new LocalGenerator(
            plan.workload(), plan.storeSettings(), plan.clients(), Slice.WHOLE, stop)
        : new Fleet(plan.workload(), plan.storeSettings(), plan.clients(), plan.processes(), stop);
  }

  /** {@code ./kveik bench read}. */
  @Command(
      name = "read",
      description = {
        "Reads random blocks of a working set that it writes first, into memory of the client.",
        "",
        "With --streaming a read is a random chain, over one stream of v1 or as one load of the"
            + " native service. Blocks are timed one by one too, as they come; those of a load are"
            + " all there at its end.",
        "",
        "Examples:",
        "  ./kveik bench read --concurrency 1,4,16 --against redis --html report.html",
        "  ./kveik bench read --rate 500 --assert 'read.p99<20ms'",
        "  ./kveik bench read --streaming --chain 32 --target kv:50051 --json -"
      })
  static final class Read extends BenchMixCommand {
    @Option(
        names = "--streaming",
        description = "Read whole chains, each over one stream where the store has such.")
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
        "Writes new blocks without end; a store that is full has to evict.",
        "",
        "No key is written twice. --blocks is how many blocks the stores that are started have room"
            + " for.",
        "",
        "Examples:",
        "  ./kveik bench write --block-bytes 64KiB --concurrency 16",
        "  ./kveik bench write --fs-bytes 4GiB --ack local --payload compressible --csv figures.csv"
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
  static final class Mixed extends Mixes {}

  /** {@code ./kveik bench sweep}. */
  @Command(
      name = "sweep",
      description = {
        "As mixed, at a concurrency of 1 to 80 one after the other, limits of the machine included.",
        "",
        "Its iterations/s (TPS) and tokens/s can be laid beside those of the original, which did"
            + " 7 lookups, 6 reads and 3 writes with 8 client processes; ./kveik bench capacity"
            + " reckons from its JSON how many servers a load takes.",
        "",
        "Examples:",
        "  ./kveik bench sweep --processes 8 --html sweep.html --json sweep.json",
        "  ./kveik bench sweep --concurrency 1,8,32 --against redis,memcached --block-bytes 64KB"
      })
  static final class Sweep extends Mixes {
    private static final List<Integer> CONCURRENCIES = List.of(1, 2, 4, 6, 8, 16, 32, 64, 80);
    private static final int SECONDS = 5;

    @Override
    ScheduleOptions.Defaults defaults() {
      return new ScheduleOptions.Defaults("sweep", CONCURRENCIES, SECONDS);
    }

    @Override
    boolean limitsByDefault() {
      return true;
    }
  }

  /** Lookups, reads and writes. */
  abstract static class Mixes extends BenchMixCommand {
    @Mixin private AckOption ack = new AckOption();

    @Override
    final Mix mix() {
      return Mix.MIXED;
    }

    @Override
    final AckLevel ack() {
      return ack.level();
    }
  }
}
