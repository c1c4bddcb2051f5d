package io.kveik.bench;

import io.kveik.client.BlockScope;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a run's blocks live. */
final class ScopeOptions {
  @Option(
      names = "--resource",
      paramLabel = "NAME",
      defaultValue = "bench",
      description = "Resource name. Default: ${DEFAULT-VALUE}.")
  private String resource = "bench";

  @Option(
      names = "--container",
      paramLabel = "NAME",
      defaultValue = "bench",
      description = "Container name. Default: ${DEFAULT-VALUE}.")
  private String container = "bench";

  @Option(
      names = "--partition",
      paramLabel = "NAME",
      description =
          "Partition. Default: a fresh one, so that every run starts cold, also against a server"
              + " that has blocks of an earlier run.")
  private @Nullable String partition;

  /** The scope; without a partition given, every call makes another one. */
  BlockScope scope() {
    return new BlockScope(resource, container, partition == null ? fresh() : partition);
  }

  private static String fresh() {
    return "run-%016x".formatted(ThreadLocalRandom.current().nextLong());
  }
}
