package io.kveik.server.cli;

import io.kveik.client.BlockControlClient;
import io.kveik.client.BlockModel;
import io.kveik.client.ControlResult;
import io.kveik.client.EvictionPolicy;
import io.kveik.client.StoredBlockInfo;
import io.kveik.client.StoredBlockPage;
import io.kveik.client.TtlKind;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./kveik control}: operations on blocks that are stored. */
@Command(
    name = "control",
    description = "Asks of, deletes, pins, prefetches ... blocks that are stored.",
    sortOptions = false,
    footer = {
      "",
      "Examples: ./kveik control query --all",
      "          ./kveik control delete --text prompt.txt --prefix"
    })
public final class ControlCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  private ControlCommand() {}

  /** The command with its subcommands. */
  static CommandLine create() {
    CommandLine command = new CommandLine(new ControlCommand());
    command.addSubcommand(new Query());
    command.addSubcommand(new Delete());
    command.addSubcommand(new Pin());
    command.addSubcommand(new Unpin());
    command.addSubcommand(new Priority());
    command.addSubcommand(new Ttl());
    command.addSubcommand(new Policy());
    command.addSubcommand(new Prefetch());
    return command;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  /** What all of them have. */
  abstract static class Asking implements Callable<Integer> {
    @Spec CommandSpec spec;
    @Mixin StoreOptions store = new StoreOptions();

    @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
    Asking() {}

    final int run(
        Optional<BlockModel> model, String done, Function<BlockControlClient, ControlResult> work) {
      ControlResult result = store.callControl(model, work);
      PrintWriter out = spec.commandLine().getOut();
      if (store.json()) {
        Map<String, Object> document = store.describe();
        document.put("matched", result.matched());
        document.put("changed", result.changed());
        document.put("bytes", result.bytes());
        document.put("owingTiers", result.owingTiers());
        out.println(Json.text(document));
      } else {
        out.printf(
            "%s %d of %d blocks, %d bytes%n",
            done, result.changed(), result.matched(), result.bytes());
        if (!result.owingTiers().isEmpty()) {
          out.printf(
              "%s could not remove all of them yet, and will; they are unreadable meanwhile%n",
              Terminal.safe(String.join(", ", result.owingTiers())));
        }
      }
      out.flush();
      return CommandLine.ExitCode.OK;
    }
  }

  /** Those on blocks that are selected. */
  abstract static class Operation extends Asking {
    @Mixin SelectorOptions selector = new SelectorOptions();

    final int run(String done, Function<BlockControlClient, ControlResult> work) {
      return run(selector.model(), done, work);
    }
  }

  @Command(
      name = "delete",
      sortOptions = false,
      description = "Removes blocks from every tier of the server.")
  static final class Delete extends Operation {
    @Override
    public Integer call() {
      return run("deleted", control -> control.delete(selector.read()));
    }
  }

  @Command(
      name = "pin",
      sortOptions = false,
      description = "Keeps blocks in DRAM that are there, up to the namespace's share.")
  static final class Pin extends Operation {
    @Override
    public Integer call() {
      return run("pinned", control -> control.pin(selector.read()));
    }
  }

  @Command(name = "unpin", sortOptions = false, description = "Ends pins.")
  static final class Unpin extends Operation {
    @Override
    public Integer call() {
      return run("unpinned", control -> control.unpin(selector.read()));
    }
  }

  @Command(
      name = "priority",
      sortOptions = false,
      description = "Sets how often eviction passes over blocks.")
  static final class Priority extends Operation {
    @Parameters(paramLabel = "0..3", description = "The priority.")
    private int priority;

    @Override
    public Integer call() {
      return run("changed", control -> control.setPriority(selector.read(), priority));
    }
  }

  @Command(
      name = "ttl",
      sortOptions = false,
      description = "Gives blocks another time to live in place of what they have.")
  static final class Ttl extends Operation {
    @Parameters(
        paramLabel = "TIME",
        converter = Durations.class,
        description = "500ms, 10s, 2h; 0s: the blocks stay until they are evicted.")
    private Duration ttl = Duration.ZERO;

    @Option(
        names = "--from",
        paramLabel = "WHAT",
        description = "What it counts from: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private TtlKind from = TtlKind.ABSOLUTE;

    @Override
    public Integer call() {
      return run("changed", control -> control.setTtl(selector.read(), from, ttl));
    }
  }

  @Command(
      name = "policy",
      sortOptions = false,
      description = "Gives a namespace an eviction policy of its own; kept over a restart.")
  static final class Policy extends Asking {
    @Mixin private ModelOptions model = new ModelOptions();

    @Parameters(
        paramLabel = "POLICY",
        description = "${COMPLETION-CANDIDATES}; server: as the server is configured.",
        completionCandidates = PolicyNames.class,
        converter = PolicyNames.class)
    private EvictionPolicy policy = EvictionPolicy.SERVER;

    @Override
    public Integer call() {
      return run(model.read(), "changed", control -> control.setEvictionPolicy(policy));
    }
  }

  /** The names of policies: those of {@code eviction.policy}, and "server". */
  static final class PolicyNames
      implements Iterable<String>, CommandLine.ITypeConverter<EvictionPolicy> {
    private static final List<String> ALL =
        Stream.of(EvictionPolicy.values()).map(PolicyNames::name).toList();

    @Override
    public Iterator<String> iterator() {
      return ALL.iterator();
    }

    @Override
    public EvictionPolicy convert(String text) {
      for (EvictionPolicy policy : EvictionPolicy.values()) {
        if (name(policy).equals(text)) {
          return policy;
        }
      }
      throw new CommandLine.TypeConversionException(
          "'%s', must be one of %s".formatted(text, String.join(", ", ALL)));
    }

    private static String name(EvictionPolicy policy) {
      return policy.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Command(
      name = "prefetch",
      sortOptions = false,
      description = "Brings blocks to DRAM, up to a share of it.")
  static final class Prefetch extends Operation {
    @Override
    public Integer call() {
      return run("brought", control -> control.prefetch(selector.read()));
    }
  }

  @Command(name = "query", sortOptions = false, description = "Describes blocks.")
  static final class Query extends Operation {
    @Option(
        names = "--limit",
        paramLabel = "N",
        description = "Most blocks to show. Default: ${DEFAULT-VALUE}.")
    private int limit = 100;

    @Override
    public Integer call() {
      if (limit < 1) {
        throw CommandException.usage("--limit: " + limit + ", must be at least 1");
      }
      boolean[] more = new boolean[1];
      List<StoredBlockInfo> blocks =
          store.callControl(selector.model(), control -> read(control, more));
      PrintWriter out = spec.commandLine().getOut();
      if (store.json()) {
        Map<String, Object> document = store.describe();
        document.put("blocks", blocks.stream().<Object>map(Query::row).toList());
        document.put("more", more[0]);
        out.println(Json.text(document));
      } else {
        print(out, blocks);
        out.printf("%d blocks%s%n", blocks.size(), more[0] ? ", and more (--limit)" : "");
      }
      out.flush();
      return CommandLine.ExitCode.OK;
    }

    private List<StoredBlockInfo> read(BlockControlClient control, boolean[] more) {
      List<StoredBlockInfo> blocks = new ArrayList<>();
      StoredBlockPage.@Nullable Token from = null;
      do {
        StoredBlockPage page = control.query(selector.read(), 0, from);
        blocks.addAll(page.blocks());
        from = page.next().orElse(null);
      } while (from != null && blocks.size() < limit);
      more[0] = from != null || blocks.size() > limit;
      return blocks.subList(0, Math.min(limit, blocks.size()));
    }

    private static void print(PrintWriter out, List<StoredBlockInfo> blocks) {
      if (!blocks.isEmpty()) {
        out.println(
            "label               depth     bytes     age  uses  prio  pin  ttl          tiers");
      }
      for (StoredBlockInfo block : blocks) {
        out.printf(
            "%s  %5d  %8d  %6s  %4d  %4d  %3s  %-11s  %s%n",
            StoreOptions.label(block.label()),
            block.depth(),
            block.bytes(),
            block.age().map(age -> age.toSeconds() + "s").orElse("-"),
            block.uses(),
            block.priority(),
            block.pinned() ? "yes" : "-",
            ttl(block),
            Terminal.safe(String.join(",", block.tiers())));
      }
    }

    private static String ttl(StoredBlockInfo block) {
      return block
          .ttlKind()
          .map(kind ->
              name(kind) + block.ttlLeft().map(left -> " " + left.toSeconds() + "s").orElse(""))
          .orElse("-");
    }

    private static String name(TtlKind kind) {
      return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static Map<String, @Nullable Object> row(StoredBlockInfo block) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      row.put("label", StoreOptions.label(block.label()));
      row.put("depth", block.depth());
      row.put("bytes", block.bytes());
      row.put("ageMillis", block.age().map(Duration::toMillis).orElse(null));
      row.put("tokens", block.tokenCount().isPresent() ? block.tokenCount().getAsInt() : null);
      row.put("uses", block.uses());
      row.put("priority", block.priority());
      row.put("pinned", block.pinned());
      row.put("ttlFrom", block.ttlKind().map(Query::name).orElse(null));
      row.put("ttlLeftMillis", block.ttlLeft().map(Duration::toMillis).orElse(null));
      row.put("tiers", List.copyOf(block.tiers()));
      return row;
    }
  }
}
