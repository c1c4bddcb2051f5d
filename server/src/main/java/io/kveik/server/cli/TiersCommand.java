package io.kveik.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.JsonSchema;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./kveik tiers}: what each tier of a running server holds, answers and writes. */
@Command(
    name = "tiers",
    description = "Shows the tiers of a running server: how full, who answers, what is written.",
    sortOptions = false,
    footer = {"", "Example: ./kveik tiers --watch 5s"})
public final class TiersCommand implements Callable<Integer> {
  /** Where the operator's port has the figures. */
  public static final String PATH = "/v1/tiers";

  private static final int MAX_ANSWER_BYTES = 1 << 20;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String UNKNOWN = "-";
  private static final String HOME_AND_CLEAR = "\033[H\033[2J";

  @Spec private CommandSpec spec;

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:60051",
      description = "The server's admin port. Default: ${DEFAULT-VALUE}")
  private String admin = "";

  @Option(names = "--json", description = "Print the server's JSON document.")
  private boolean json;

  @Option(
      names = "--watch",
      arity = "0..1",
      paramLabel = "DURATION",
      fallbackValue = "2s",
      converter = Durations.class,
      description = "Show it again and again; every 2 seconds if nothing else is said.")
  private Optional<Duration> watch = Optional.empty();

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "With --watch: end after so many times.")
  private int count = Integer.MAX_VALUE;

  @SuppressWarnings("NullAway.Init") // picocli sets spec before it calls
  public TiersCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
      int times = watch.isPresent() ? Math.max(1, count) : 1;
      for (int i = 0; i < times; i++) {
        if (i > 0) {
          Thread.sleep(watch.orElseThrow());
        }
        String text = fetch(http);
        if (watch.isPresent() && !json && Terminal.isStandardOutput()) {
          out.print(HOME_AND_CLEAR);
        }
        if (json) {
          out.println(Terminal.safe(text));
        } else {
          table(text).lines().forEach(line -> out.println(Terminal.safe(line)));
        }
        out.flush();
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private String fetch(HttpClient http) throws IOException, InterruptedException {
    HttpRequest request;
    try {
      request =
          HttpRequest.newBuilder(URI.create("http://" + admin + PATH)).timeout(TIMEOUT).build();
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("--admin: '" + admin + "', must be HOST:PORT");
    }
    HttpResponse<String> answer;
    try {
      answer = http.send(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_ANSWER_BYTES));
    } catch (ConnectException e) {
      throw CommandException.failure(
          "nothing listens on "
              + admin
              + "; --admin names the server's admin port, which its"
              + " 'ready' line says");
    }
    if (answer.statusCode() != 200) {
      throw CommandException.failure(
          "http://"
              + admin
              + PATH
              + " answers "
              + answer.statusCode()
              + ": no Kveik of this version");
    }
    return answer.body();
  }

  private static Columns table(String text) {
    Columns table =
        new Columns(
            "tier",
            "state",
            "blocks",
            "size",
            "full",
            "hits",
            "share",
            "queued",
            "dropped",
            "evicted",
            "evicted at age",
            "write amp",
            "saved");
    for (Map<?, ?> tier : tiers(text)) {
      table.row(
          List.of(
              cell(tier, "name", String::valueOf),
              cell(tier, "state", String::valueOf),
              cell(tier, "blocks", String::valueOf),
              cell(tier, "bytes", bytes -> MachineChecks.size(number(bytes))),
              full(tier),
              cell(tier, "hits", String::valueOf),
              cell(tier, "hitShare", TiersCommand::percent),
              cell(tier, "queuedBlocks", String::valueOf),
              cell(tier, "dropped", String::valueOf),
              cell(tier, "evictions", String::valueOf),
              cell(tier, "evictionAgeMillis", millis -> age(number(millis))),
              cell(tier, "writeAmplification", "%.2f"::formatted),
              cell(tier, "savedBytes", bytes -> MachineChecks.size(number(bytes)))));
    }
    return table;
  }

  private static List<Map<?, ?>> tiers(String text) {
    try {
      LoadSettings settings = LoadSettings.builder().setSchema(new JsonSchema()).build();
      if (new Load(settings).loadFromString(text) instanceof Map<?, ?> document
          && document.get("tiers") instanceof List<?> rows) {
        return rows.stream().<Map<?, ?>>map(row -> (Map<?, ?>) row).toList();
      }
    } catch (YamlEngineException | ClassCastException e) {
      throw CommandException.failure("the answer is no list of tiers: " + e.getMessage());
    }
    throw CommandException.failure("the answer is no list of tiers");
  }

  private static String cell(Map<?, ?> tier, String name, Function<Object, String> form) {
    Object value = tier.get(name);
    return value == null ? UNKNOWN : form.apply(value);
  }

  private static String full(Map<?, ?> tier) {
    Object capacity = tier.get("capacityBytes");
    return capacity == null || number(capacity) == 0
        ? UNKNOWN
        : percent((double) number(tier.get("bytes")) / number(capacity));
  }

  private static long number(@Nullable Object value) {
    return value instanceof Number figure ? figure.longValue() : 0;
  }

  private static String percent(Object share) {
    return share instanceof Number figure
        ? "%.1f %%".formatted(figure.doubleValue() * 100)
        : UNKNOWN;
  }

  private static String age(long millis) {
    Duration age = Duration.ofMillis(millis);
    if (age.toDays() > 0) {
      return "%d d %d h".formatted(age.toDays(), age.toHoursPart());
    }
    if (age.toHours() > 0) {
      return "%d h %d min".formatted(age.toHours(), age.toMinutesPart());
    }
    return age.toMinutes() > 0
        ? "%d min %d s".formatted(age.toMinutes(), age.toSecondsPart())
        : "%.1f s".formatted(millis / 1e3);
  }
}
