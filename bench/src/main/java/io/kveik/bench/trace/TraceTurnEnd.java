package io.kveik.bench.trace;

import io.kveik.server.block.TurnEnd;

/**
 * The store is told why a turn ended, apart from the turn's request. A trace whose requests say it
 * themselves ({@link TraceRequest#end}) has none of these.
 *
 * @param end why
 * @param ids of the turn's chain, all of which requests before it have; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
public record TraceTurnEnd(TurnEnd end, long[] ids) implements TraceEvent {}
