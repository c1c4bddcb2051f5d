package io.kveik.client;

import java.util.List;

/** Which stored blocks of a namespace an operation of {@link BlockControlClient} is about. */
public sealed interface BlockSelector {
  /**
   * These blocks.
   *
   * @param ids the engine's chained hashes, 16 to 64 bytes each; at least one. Not in a v1
   *     namespace
   */
  record Ids(List<byte[]> ids) implements BlockSelector {}

  /**
   * The blocks of a prompt; in a v1 namespace those of its longest cached prefix.
   *
   * @param tokens at least a whole block of them, each an unsigned int
   */
  record Tokens(int[] tokens) implements BlockSelector {}

  /**
   * A block and everything cached that continues it, whether it is cached itself or not.
   *
   * @param id 16 to 64 bytes. Not in a v1 namespace
   */
  record Prefix(byte[] id) implements BlockSelector {}

  /**
   * The last block of these tokens and everything cached that continues it; in a v1 namespace
   * nothing unless all of them are cached.
   *
   * @param tokens at least a whole block of them, each an unsigned int
   */
  record PrefixTokens(int[] tokens) implements BlockSelector {}

  /** The whole namespace. */
  record Everything() implements BlockSelector {}
}
