package io.kveik.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the server knows of one stored block.
 *
 * @param label the writer's label of a v1 block; of a native one a number that stands for it
 * @param depth blocks that came before it in its chain when it was stored
 * @param tiers names of the tiers that hold it, DRAM first
 * @param bytes payload and attributes
 * @param age since it was stored; empty when the only tiers that know are down
 * @param tokenCount tokens whose KV it holds; empty when the only tiers that know are down
 * @param uses lookups and matches that found it
 * @param priority 0 to 3: how often eviction passes over it
 * @param pinned whether eviction leaves it alone while it can
 * @param ttlKind what its time to live counts from; empty without one
 * @param ttlLeft empty without a time to live, and while that has not begun
 */
public record StoredBlockInfo(
    long label,
    int depth,
    List<String> tiers,
    long bytes,
    Optional<Duration> age,
    OptionalInt tokenCount,
    int uses,
    int priority,
    boolean pinned,
    Optional<TtlKind> ttlKind,
    Optional<Duration> ttlLeft) {}
