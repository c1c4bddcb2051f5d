package io.kveik.server.session;

import io.kveik.server.block.AckLevel;
import io.kveik.server.block.BlockId;
import io.kveik.server.block.TtlKind;
import io.kveik.server.cache.WriteCommand;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A block to store, within {@link SessionLimits}.
 *
 * @param parent the block before it; empty for the first of a chain
 * @param tokenCount tokens the payload holds the KV of
 * @param metadata comes back with the block
 * @param claimedCrc32c the writer's checksum of the payload, where it gave one
 * @param ttlKind what the time to live counts from
 * @param ttlMillis 0 for none
 * @param priority 0 to {@link io.kveik.server.block.BlockHeader#MAX_PRIORITY}
 */
public record StoreCommand(
    BlockId id,
    Optional<BlockId> parent,
    int tokenCount,
    byte[] metadata,
    WriteCommand.Payload payload,
    OptionalInt claimedCrc32c,
    TtlKind ttlKind,
    long ttlMillis,
    int priority,
    AckLevel ack) {}
