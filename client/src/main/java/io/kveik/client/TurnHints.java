package io.kveik.client;

import java.time.Duration;
import java.util.Optional;

/**
 * What an engine knows of a conversation's turn. The store brings the conversation's blocks to
 * memory ahead of its next turn; nothing in any answer depends on it.
 *
 * @param continueId the engine's own name of the conversation, unique in the namespace; 1 to
 *     {@value #MAX_ID_BYTES} bytes, not changed afterwards
 * @param nextTurn from now until the next turn is expected, up to a day; empty when that is not
 *     known
 * @param end why the turn ended
 */
public record TurnHints(byte[] continueId, Optional<Duration> nextTurn, TurnEnd end) {
  public static final int MAX_ID_BYTES = 128;
  private static final Duration LONGEST = Duration.ofDays(1);

  public TurnHints {
    if (continueId.length < 1 || continueId.length > MAX_ID_BYTES) {
      throw new IllegalArgumentException(
          "continueId: " + continueId.length + " bytes, must be 1 to " + MAX_ID_BYTES);
    }
    if (nextTurn.isPresent()
        && (nextTurn.get().toMillis() < 1 || nextTurn.get().compareTo(LONGEST) > 0)) {
      throw new IllegalArgumentException(
          "nextTurn: " + nextTurn.get() + ", must be 1 ms to " + LONGEST);
    }
  }

  /** A conversation whose next turn may come at any time. */
  public static TurnHints of(byte[] continueId) {
    return new TurnHints(continueId, Optional.empty(), TurnEnd.UNKNOWN);
  }
}
