package io.kveik.bench.trace;

/**
 * One request of a trace.
 *
 * @param timestampMillis when it arrived, from the start of the trace; not negative
 * @param inputTokens tokens of its prompt; not negative
 * @param ids one per {@link #TOKENS_PER_ID} tokens of the prompt, none negative; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
public record TraceRequest(long timestampMillis, long inputTokens, long[] ids) {
  /** Prompt tokens that one id stands for. */
  public static final int TOKENS_PER_ID = 512;

  /** The most ids that one request may have. */
  public static final int MAX_IDS = 1_000_000;
}
