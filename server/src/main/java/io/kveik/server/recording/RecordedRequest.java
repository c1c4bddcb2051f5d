package io.kveik.server.recording;

/**
 * One lookup as it was recorded.
 *
 * @param wallMillis when it came, epoch
 * @param namespace a keyed hash of it
 * @param blockTokens tokens of a block there; 0 while that was not known
 * @param blockBytes payload and attributes of a block there; 0 while that was not known
 * @param blocks a keyed hash for each block asked for, first to last; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
public record RecordedRequest(
    long wallMillis, long namespace, int blockTokens, int blockBytes, long[] blocks)
    implements RecordedEvent {}
