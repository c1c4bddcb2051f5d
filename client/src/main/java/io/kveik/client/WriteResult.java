package io.kveik.client;

/**
 * What became of a write.
 *
 * @param ackLevel the level the block had reached when the server answered
 * @param alreadyPresent true when the block was there already and this write changed nothing
 * @param timings where the server spent its time
 */
public record WriteResult(AckLevel ackLevel, boolean alreadyPresent, ServerTimings timings) {}
