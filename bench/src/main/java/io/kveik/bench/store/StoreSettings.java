package io.kveik.bench.store;

import io.kveik.client.AckLevel;
import io.kveik.client.BlockScope;

/**
 * What drivers need to know of a run.
 *
 * @param scope where blocks live, for stores that have scopes
 * @param ack what writes wait for, for stores that have levels
 * @param blockBytes payload of every block
 * @param workingBlocks blocks with numbers from 0 up to this are written once and read often; all
 *     others are written only
 */
public record StoreSettings(BlockScope scope, AckLevel ack, int blockBytes, int workingBlocks) {}
