package io.kveik.server.recording;

/**
 * What a recorder has done since it was opened.
 *
 * @param requests written to files
 * @param dropped requests that found no room in the queue or in a frame, or no disk
 * @param writeFailures times that a file could not be made or written
 * @param paused true while the disk is left alone after a failure
 * @param fileBytes what all files take now
 * @param waitingBlocks blocks of requests in the queue
 */
public record RecordingStatus(
    long requests,
    long dropped,
    long writeFailures,
    boolean paused,
    long fileBytes,
    long waitingBlocks) {}
