package io.kveik.client;

/**
 * What became of a wish for blocks in the store's memory.
 *
 * @param knownBlocks of the chain, from its first on, that the store is known to have
 * @param memoryBlocks of those, in memory already
 * @param startedBlocks of those, on their way now; the rest is beyond the store's bounds
 * @param planned true when it happens ahead of the next turn; nothing is counted then
 */
public record PrefetchResult(
    int knownBlocks, int memoryBlocks, int startedBlocks, boolean planned) {}
