package io.kveik.server.demo;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the demo is asked to do.
 *
 * @param turns of each conversation; at least {@link #MIN_TURNS}, so that one lies on either side
 *     of the kill
 * @param blockBytes payload of a block
 * @param dataDirectory kept afterwards; null for one that is deleted
 * @param prefill what computing instead of restoring would take
 */
record DemoOptions(
    int turns, int blockBytes, @Nullable Path dataDirectory, PrefillEstimate prefill) {
  static final int MIN_TURNS = 2;
  static final int MIN_BLOCK_BYTES = 1_024;
  static final int MAX_BLOCK_BYTES = 16 << 20;

  DemoOptions {
    check("turns", turns, MIN_TURNS, Integer.MAX_VALUE);
    check("block-bytes", blockBytes, MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
  }

  /** After how many turns the server is killed. */
  int turnsBeforeKill() {
    return (turns + 1) / 2;
  }

  static void check(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "--%s is %d; from %d to %d".formatted(name, value, min, max));
    }
  }
}
