package io.kveik.server.recording;

import io.kveik.server.block.TurnEnd;

/**
 * A client told why a turn ended.
 *
 * @param end unknown where a newer server has written what this one doesn't know
 * @param blocks a keyed hash for each block of the turn's chain, first to last, as in the {@link
 *     RecordedRequest} that asked for them; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
public record RecordedTurnEnd(TurnEnd end, long[] blocks) implements RecordedEvent {}
