package io.kveik.server.samehost;

import io.kveik.server.block.BlockHeader;
import java.nio.file.Path;

/**
 * What a client is told of a block that it may read in place.
 *
 * @param leaseId of the connection it was lent to
 * @param segmentId of the file it lies in, and {@code segmentPath} and {@code segmentBytes} of that
 * @param offset of the block in the file, see {@link
 *     io.kveik.client.data.frame.SharedBlockDescriptor}
 * @param generation of the content
 * @param leaseMillis from now
 */
public record LentBlock(
    long leaseId,
    int segmentId,
    Path segmentPath,
    long segmentBytes,
    long offset,
    long generation,
    BlockHeader header,
    long leaseMillis) {}
