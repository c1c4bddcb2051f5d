package io.kveik.server.tier.object;

import io.kveik.server.codec.CodecOptions;

/**
 * The object tier's limits.
 *
 * @param findTimeoutMillis for a question about one block or one page of a listing
 * @param readTimeoutMillis for fetching a block, all tries together
 * @param writeTimeoutMillis for storing or removing a block, all tries together
 * @param quarantineLimit blobs copied aside by this process; what fails a check after that is only
 *     deleted
 * @param knownBlocks blocks whose size is remembered for {@link ObjectTier#usage}, 32 bytes each
 * @param codec how payloads are encoded that are put
 */
public record ObjectTierOptions(
    long findTimeoutMillis,
    long readTimeoutMillis,
    long writeTimeoutMillis,
    int quarantineLimit,
    int knownBlocks,
    CodecOptions codec) {}
