package io.kveik.bench.trace;

/** What a trace tells of, in the order in which it came. */
public sealed interface TraceEvent permits TraceRequest, TraceTurnEnd {}
