package io.kveik.client.data.frame;

/**
 * What stands in front of every frame.
 *
 * @param type what the frame is
 * @param requestId the client's name of a request; the answers bear it too. Unsigned, grows within
 *     a connection
 * @param bodyBytes bytes after the header, without the payload
 * @param payloadBytes bytes after the body
 * @param bodyCrc32c of the body
 * @param payloadCrc32c of the payload
 */
public record FrameHeader(
    FrameType type,
    long requestId,
    int bodyBytes,
    int payloadBytes,
    int bodyCrc32c,
    int payloadCrc32c) {}
