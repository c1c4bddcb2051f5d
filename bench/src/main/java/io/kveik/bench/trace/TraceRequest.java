package io.kveik.bench.trace;

import io.kveik.server.block.TurnEnd;

/**
 * One request of a trace.
 *
 * @param timestampMillis when it arrived, from the start of the trace; not negative
 * @param inputTokens tokens of its prompt; not negative
 * @param tokensPerId prompt tokens that one id stands for
 * @param idBytes what the KV of these takes in the store; 0 when that is not known
 * @param end why the model stopped
 * @param ids the prompt's, none negative; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
public record TraceRequest(
    long timestampMillis, long inputTokens, int tokensPerId, long idBytes, TurnEnd end, long[] ids)
    implements TraceEvent {
  /** Prompt tokens that one id of a trace file stands for. */
  public static final int TOKENS_PER_ID = 512;

  /** The most ids that one request may have. */
  public static final int MAX_IDS = 1_000_000;

  /** A request of a trace file. */
  public TraceRequest(long timestampMillis, long inputTokens, TurnEnd end, long[] ids) {
    this(timestampMillis, inputTokens, TOKENS_PER_ID, 0, end, ids);
  }

  /** A request that nothing is told of the end of. */
  public TraceRequest(long timestampMillis, long inputTokens, long[] ids) {
    this(timestampMillis, inputTokens, TurnEnd.UNKNOWN, ids);
  }
}
