package io.kveik.bench.contest;

/**
 * One operation at an operating point. Latencies are microseconds.
 *
 * @param count of those that succeeded, over all rounds
 * @param perSecond of them, median of rounds
 * @param gigabytesPerSecond payload that they moved, in 10^9 bytes, median of rounds
 * @param errors of those that were refused or came too late, over all rounds
 * @param mean latency, median of rounds
 * @param p50 latency, median of rounds
 * @param p90 latency, median of rounds
 * @param p99 latency, median of rounds
 * @param p999 latency, median of rounds
 * @param max latency, the highest of all rounds
 */
public record OperationFigures(
    long count,
    double perSecond,
    double gigabytesPerSecond,
    long errors,
    double mean,
    double p50,
    double p90,
    double p99,
    double p999,
    double max) {}
