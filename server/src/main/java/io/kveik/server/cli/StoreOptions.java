package io.kveik.server.cli;

import io.kveik.client.BlockClient;
import io.kveik.client.BlockClientOptions;
import io.kveik.client.BlockControlClient;
import io.kveik.client.BlockModel;
import io.kveik.client.BlockNamespace;
import io.kveik.client.BlockScope;
import io.kveik.client.ClientOptions;
import io.kveik.client.KveikClient;
import io.kveik.client.KveikException;
import io.kveik.server.telemetry.Logging;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every command that speaks to a store: which one, which scope, how long, what form. */
final class StoreOptions {
  private static final Pattern HOST_AND_PORT = Pattern.compile("[^/\\s]+:[0-9]{1,5}");

  @Option(
      names = "--target",
      paramLabel = "HOST:PORT",
      description = "The server. Default: ${DEFAULT-VALUE}.")
  private String target = "127.0.0.1:50051";

  @Mixin private ScopeOptions scope = new ScopeOptions("local", "kv");

  @Option(names = "--partition", paramLabel = "NAME", description = "Partition. Default: none.")
  private String partition = "";

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "Limit of each call: 500ms, 10s, 2m. Default: 10s.")
  private Duration timeout = Duration.ofSeconds(10);

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  boolean json() {
    return json;
  }

  BlockScope scope() {
    try {
      return scope.in(partition);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** For the head of a JSON document. */
  Map<String, Object> describe() {
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("target", target);
    head.put("resource", scope.resource());
    head.put("container", scope.container());
    head.put("partition", partition);
    return head;
  }

  /**
   * Connects, does the work, disconnects.
   *
   * @throws CommandException when the store can't be reached or fails, in words for a person
   */
  <T> T call(Function<KveikClient, T> work) {
    prepare();
    ClientOptions options =
        ClientOptions.builder(target)
            .lookupDeadline(timeout)
            .readDeadline(timeout)
            .readAllDeadline(timeout)
            .writeDeadline(timeout)
            .build();
    try (KveikClient client = KveikClient.connect(options)) {
      return work.apply(client);
    } catch (KveikException e) {
      throw explain(e);
    }
  }

  /**
   * Connects to the control service of the scope's namespace, does the work, disconnects.
   *
   * @param model of a native namespace; empty for that of v1 clients
   * @throws CommandException when the store can't be reached or fails, in words for a person
   */
  <T> T callControl(Optional<BlockModel> model, Function<BlockControlClient, T> work) {
    prepare();
    try (BlockClient client = BlockClient.connect(BlockClientOptions.of(target))) {
      return work.apply(
          model
              .map(one -> client.control(new BlockNamespace(scope(), one)))
              .orElseGet(() -> client.v1Control(scope()))
              .withDeadline(timeout));
    } catch (KveikException e) {
      throw explain(e);
    }
  }

  private void prepare() {
    if (!HOST_AND_PORT.matcher(target).matches()) {
      throw CommandException.usage("--target: '" + target + "', must be HOST:PORT");
    }
    // Standard output is for results alone; the libraries' own default is to log there.
    Logging.configure("error", false);
  }

  private CommandException explain(KveikException e) {
    return switch (e.code()) {
      case UNAVAILABLE ->
          CommandException.failure(
              "no server answers at %s; start one with: ./kveik server --port %s"
                  .formatted(target, target.substring(target.lastIndexOf(':') + 1)));
      case DEADLINE_EXCEEDED ->
          CommandException.failure(
              "%s did not answer within %d ms (--timeout)".formatted(target, timeout.toMillis()));
      case INVALID_ARGUMENT -> CommandException.usage(String.valueOf(e.getMessage()));
      case RESOURCE_EXHAUSTED, DENIED, REFUSED, PROTOCOL, MEMORY_TOO_SMALL, INTERRUPTED, INTERNAL ->
          CommandException.failure(String.valueOf(e.getMessage()));
    };
  }

  /** A label as people read it, and as {@link #parseLabel} reads it back. */
  static String label(long label) {
    return "0x%016x".formatted(label);
  }

  /**
   * Reads 1 to 16 hexadecimal digits behind 0x.
   *
   * @throws CommandException for anything else
   */
  static long parseLabel(String text) {
    if (!text.matches("0x[0-9a-fA-F]{1,16}")) {
      throw CommandException.usage("--label: '" + text + "', must be 0x and hexadecimal digits");
    }
    return Long.parseUnsignedLong(text.substring(2), 16);
  }
}
