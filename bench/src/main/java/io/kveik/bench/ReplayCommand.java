package io.kveik.bench;

import io.kveik.bench.block.BlockChains;
import io.kveik.bench.endpoint.DramSizing;
import io.kveik.bench.endpoint.ProcessFigures;
import io.kveik.bench.endpoint.RunFigures;
import io.kveik.bench.endpoint.Target;
import io.kveik.bench.replay.Replay;
import io.kveik.bench.replay.ReplayPlan;
import io.kveik.bench.replay.ReplayReport;
import io.kveik.bench.replay.ReplayResult;
import io.kveik.bench.replay.ReplayWire;
import io.kveik.bench.report.ByteSizes;
import io.kveik.bench.run.StopSignal;
import io.kveik.bench.trace.TraceIndex;
import io.kveik.client.BlockScope;
import io.kveik.server.cli.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code ./kveik replay}: replays a request trace and compares every byte. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Replays a request trace against a server and compares every byte that comes back.",
      "",
      "Each request looks its prompt up, reads the blocks that are there, and writes the others."
          + " An id of the trace is 512 tokens, which are four blocks of 128 tokens."
    },
    footer = {
      "",
      "Examples:",
      "  Hit ratio of the whole trace in a store that has room for all of it:",
      "    ./kveik replay conversation.jsonl.gz --block-bytes 1KiB",
      "  The same where a tenth of the trace's blocks fit:",
      "    ./kveik replay conversation.jsonl.gz --block-bytes 1KiB --capacity 10%%",
      "  The same over the native service, with hints of how turns ended:",
      "    ./kveik replay agentic.jsonl.gz --block-bytes 1KiB --capacity 2%% --wire native",
      "  Ten times as fast as it happened, 16 requests at a time, against a running server:",
      "    ./kveik replay conversation.jsonl.gz --target kv:50051 --speed 10 --clients 16",
      "",
      "Exit code: 0 when every byte was right, 1 when one was not or the run failed, 2 for usage.",
      "Stopped by Ctrl-C it prints the figures so far."
    })
public final class ReplayCommand extends RunCommand {
  private static final String WHERE_TRACES_ARE =
      "Traces are not part of the project. The conversation trace is conversation_trace.jsonl of"
          + " Mooncake's FAST'25 release (GitHub: kvcache-ai/Mooncake, FAST25-release/traces),"
          + " which can be replayed as it is or as .gz; any file of the same form will do.";

  @Parameters(
      paramLabel = "FILE",
      description = "The trace: JSON lines, plain or gzip, with timestamp, input_length, hash_ids.")
  private Path file = Path.of("");

  @Option(
      names = "--block-bytes",
      paramLabel = "SIZE",
      converter = ByteSizes.class,
      defaultValue = "64KiB",
      description = "Payload of a block, 16 to 64MiB. Default: ${DEFAULT-VALUE}.")
  private long blockBytes;

  @Option(
      names = "--capacity",
      paramLabel = "PERCENT",
      converter = PercentConverter.class,
      description =
          "Size the own server's DRAM so that exactly this share of the trace's blocks fits, as in"
              + " 10%%.")
  private @Nullable Double capacity;

  @Option(
      names = "--clients",
      defaultValue = "1",
      description = "Requests worked on at a time, taken in trace order. Default: 1.")
  private int clients;

  @Option(
      names = "--write-window",
      defaultValue = "8",
      description =
          "Writes in flight per client; with --wire native, blocks of one Store. Default:"
              + " ${DEFAULT-VALUE}.")
  private int writeWindow;

  @Option(
      names = "--speed",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "1 replays in real time, 10 ten times faster. Default: 0, as fast as it goes, in order.")
  private double speed;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Only the first N requests. Default: all.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--wire",
      paramLabel = "NAME",
      converter = Keys.ReplayWires.class,
      defaultValue = "v1",
      description =
          "What to speak to the server: v1, or native, which also tells why turns ended where the"
              + " trace has it, and moves blocks over the best transport on offer. Default:"
              + " ${DEFAULT-VALUE}.")
  private ReplayWire wire = ReplayWire.V1;

  @Mixin private AckOption ack = new AckOption();

  @Override
  boolean run(StopSignal stop) throws IOException, InterruptedException {
    target().check(capacity == null ? null : "--capacity");
    result().check();
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new IllegalArgumentException("can't read a trace at " + file + ". " + WHERE_TRACES_ARE);
    }
    BlockScope scope = scope();
    ReplayPlan plan =
        new ReplayPlan(
            file,
            limit,
            wire,
            scope,
            (int) Math.min(blockBytes, Integer.MAX_VALUE),
            clients,
            writeWindow,
            speed,
            ack.level());
    TraceIndex index = TraceIndex.scan(file, limit);
    long extent = plan.wire().extentBytes(plan.blockBytes(), scope.partition());
    try (Target target = target().open(dramBytes(index, extent), extent, capacity != null)) {
      Optional<ProcessFigures> before = target.figures();
      ReplayResult outcome = new Replay(plan, index).run(target.address(), stop);
      ReplayReport report =
          new ReplayReport(
              outcome, target.description(), RunFigures.since(before, target.figures()));
      result().publish(report.toText(result().style()), report.toJson(), out(), err());
      return outcome.isGood();
    }
  }

  private long dramBytes(TraceIndex index, long extentBytes) {
    double share = capacity == null ? 1 : capacity;
    long blocks = Math.round(share * index.uniqueIds() * BlockChains.PER_ID);
    return DramSizing.dramBytesFor(blocks, extentBytes);
  }

  /** Reads "10%" or "10" as 0.1. */
  static final class PercentConverter implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      String number = text.endsWith("%") ? text.substring(0, text.length() - 1) : text;
      try {
        double percent = Double.parseDouble(number);
        if (percent > 0 && percent <= 100) {
          return percent / 100;
        }
      } catch (NumberFormatException e) {
        // Refused below, like a number out of bounds.
      }
      throw new TypeConversionException(
          "'%s' is not a share above 0%% and up to 100%%".formatted(Terminal.safe(text)));
    }
  }
}
