package io.kveik.server.cli;

import io.kveik.client.BlockModel;
import io.kveik.client.BlockSelector;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which stored blocks a command is about: by ids, by tokens, a prefix of either, or all. */
final class SelectorOptions {
  private static final long MAX_U32 = 0xFFFF_FFFFL;

  @Option(names = "--all", description = "The whole namespace.")
  private boolean all;

  @Option(
      names = "--id",
      paramLabel = "HEX",
      description = "A native block's id; may be given more than once. Needs --model.")
  private List<String> ids = List.of();

  @Mixin private TokenOptions tokens = new TokenOptions();

  @Option(
      names = "--prefix",
      description = "With tokens or one --id: the last block and all that continues it.")
  private boolean prefix;

  @Mixin private ModelOptions model = new ModelOptions();

  /** The model of the namespace; empty for v1's. See {@link ModelOptions#read}. */
  Optional<BlockModel> model() {
    return model.read();
  }

  /**
   * The selector.
   *
   * @throws CommandException when none is given, or more than one
   */
  BlockSelector read() {
    int given = (all ? 1 : 0) + (ids.isEmpty() ? 0 : 1) + (tokens.given() ? 1 : 0);
    if (given != 1) {
      throw CommandException.usage(
          "give one of --all, --id and tokens (--tokens, --tokens-file, --text)");
    }
    if (all) {
      if (prefix) {
        throw CommandException.usage("--prefix needs tokens or an --id, not --all");
      }
      return new BlockSelector.Everything();
    }
    if (!ids.isEmpty()) {
      if (!model.given()) {
        throw CommandException.usage("--id needs --model: v1 blocks are named by tokens");
      }
      List<byte[]> parsed = ids.stream().map(SelectorOptions::id).toList();
      if (prefix && parsed.size() != 1) {
        throw CommandException.usage("--prefix takes one --id");
      }
      return prefix ? new BlockSelector.Prefix(parsed.getFirst()) : new BlockSelector.Ids(parsed);
    }
    int[] sequence = unsigned(tokens.read());
    return prefix ? new BlockSelector.PrefixTokens(sequence) : new BlockSelector.Tokens(sequence);
  }

  private static byte[] id(String hex) {
    try {
      return HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("--id: '" + hex + "', must be hexadecimal digits, two a byte");
    }
  }

  private static int[] unsigned(long[] tokens) {
    int[] narrow = new int[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] > MAX_U32) {
        throw CommandException.usage(
            "token %d is %d, must be at most %d".formatted(i, tokens[i], MAX_U32));
      }
      narrow[i] = (int) tokens[i];
    }
    return narrow;
  }
}
