package io.kveik.server.recording;

/**
 * What a file of a recording says of itself.
 *
 * @param recording a random number: files of the same recording share a secret, so that blocks have
 *     the same hashes in them
 * @param sequence grows with each file of a directory
 * @param startedAtMillis epoch
 * @param sampleOneIn one chain in so many was recorded, at least 1
 */
public record AccessLogHeader(
    long recording, long sequence, long startedAtMillis, int sampleOneIn) {}
