/**
 * Reads request traces and re-keys their block ids by prefix. Depends on nothing else of the bench.
 *
 * <p>A trace is JSON lines, plain or gzip, one request per line in the order of arrival: {@code
 * timestamp} in milliseconds from the start of the trace, {@code input_length} in tokens, and
 * {@code hash_ids}, one id per 512 prompt tokens. Equal ids mean equal prefixes up to there. Other
 * fields are skipped.
 */
@NullMarked
package io.kveik.bench.trace;

import org.jspecify.annotations.NullMarked;
