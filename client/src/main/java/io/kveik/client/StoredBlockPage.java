package io.kveik.client;

import java.util.List;
import java.util.Optional;

/**
 * Some of the blocks that a query is about.
 *
 * @param next where to go on; empty at the end
 */
public record StoredBlockPage(List<StoredBlockInfo> blocks, Optional<Token> next) {
  /** A place in a query, good for the same query only. Opaque. */
  public static final class Token {
    private final byte[] bytes;

    private Token(byte[] bytes) {
      this.bytes = bytes;
    }

    static Token copyOf(byte[] bytes) {
      return new Token(bytes.clone());
    }

    byte[] bytes() {
      return bytes.clone();
    }
  }
}
