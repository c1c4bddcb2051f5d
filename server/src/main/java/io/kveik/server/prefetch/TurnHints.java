package io.kveik.server.prefetch;

import io.kveik.server.block.TurnEnd;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What an engine knows of a conversation's turn; each part may be unknown.
 *
 * @param conversation empty: nothing is remembered
 * @param nextTurnMillis from now until the next turn is expected; 0: not known
 * @param end why the turn ended
 */
public record TurnHints(Optional<ContinueId> conversation, long nextTurnMillis, TurnEnd end) {
  public static final long MAX_NEXT_TURN_MILLIS = TimeUnit.DAYS.toMillis(1);

  public static final TurnHints NONE = new TurnHints(Optional.empty(), 0, TurnEnd.UNKNOWN);
}
