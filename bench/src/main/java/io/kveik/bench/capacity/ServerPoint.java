package io.kveik.bench.capacity;

/**
 * What one server reached at one concurrency.
 *
 * @param concurrency clients
 * @param tokensPerSecond read and written
 * @param readP50Micros median latency of a read; 0 where none was measured
 * @param readP99Micros 99th percentile of it
 * @param lookupP50Micros median latency of a lookup; 0 where none was measured
 * @param lookupP99Micros 99th percentile of it
 */
public record ServerPoint(
    int concurrency,
    double tokensPerSecond,
    double readP50Micros,
    double readP99Micros,
    double lookupP50Micros,
    double lookupP99Micros) {}
