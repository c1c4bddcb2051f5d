package io.kveik.server.cli;

import io.kveik.client.BlockModel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a command is about the namespace of v1 clients or that of a model. */
final class ModelOptions {
  private static final int V1_BLOCK_TOKENS = 128;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "The native namespace of this model. Default: that of v1 clients.")
  private @Nullable String model;

  @Option(
      names = "--block-tokens",
      paramLabel = "N",
      description = "With --model: tokens of a block. Default: ${DEFAULT-VALUE}.")
  private int blockTokens = V1_BLOCK_TOKENS;

  boolean given() {
    return model != null;
  }

  /**
   * The model of the namespace; empty for v1's.
   *
   * @throws CommandException when it can't be one
   */
  Optional<BlockModel> read() {
    try {
      return model == null ? Optional.empty() : Optional.of(BlockModel.of(model, blockTokens));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("--model, --block-tokens: " + e.getMessage());
    }
  }
}
