package io.kveik.server.cli;

import io.kveik.client.BlockScope;
import picocli.CommandLine.Option;

/**
 * Where a command's blocks live, but for the partition: what that is by default differs, so each
 * command has an option of its own for it.
 */
public final class ScopeOptions {
  @Option(
      names = "--resource",
      paramLabel = "NAME",
      description = "Resource name. Default: ${DEFAULT-VALUE}.")
  private String resource;

  @Option(
      names = "--container",
      paramLabel = "NAME",
      description = "Container name. Default: ${DEFAULT-VALUE}.")
  private String container;

  /** With these defaults. */
  public ScopeOptions(String resource, String container) {
    this.resource = resource;
    this.container = container;
  }

  /**
   * A scope.
   *
   * @throws IllegalArgumentException when a name is empty
   */
  public BlockScope in(String partition) {
    return new BlockScope(resource, container, partition);
  }

  String resource() {
    return resource;
  }

  String container() {
    return container;
  }
}
