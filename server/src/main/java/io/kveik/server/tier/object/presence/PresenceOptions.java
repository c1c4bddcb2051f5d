package io.kveik.server.tier.object.presence;

/**
 * The limits of presence digests.
 *
 * @param refreshMillis how often own writes are published and the others' learned
 * @param callMillis how long one call to the store may take
 * @param containers containers that digests are kept of
 * @param idleMillis a container that no request has named for so long is forgotten
 * @param segments more segments than that in a container make it due for a rebuild
 * @param learnedBytes memory for what is learned from others
 * @param transferBytes the largest segment that is published or fetched
 * @param freshBlocks blocks of a container that wait to be published; more are left out
 * @param goneBlocks blocks of a container that are remembered as absent; the eldest go first
 * @param rebuildMillis from one rebuild of a container to the next, at least
 * @param rebuildBlobsPerSecond how fast a rebuild lists
 */
public record PresenceOptions(
    long refreshMillis,
    long callMillis,
    int containers,
    long idleMillis,
    int segments,
    long learnedBytes,
    long transferBytes,
    int freshBlocks,
    int goneBlocks,
    long rebuildMillis,
    int rebuildBlobsPerSecond) {}
