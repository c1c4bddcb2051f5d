package io.kveik.client;

/**
 * Why the cached prefix ended where it did.
 *
 * @param blockIndex index of the first block that was not found
 * @param reason why it was not found
 * @param ageMillis how long ago the block left, where the server remembers; else 0
 * @param uses how often the block was used before it left, where the server remembers; else 0
 * @param detail one sentence for a person; may be empty
 */
public record LookupStop(
    int blockIndex, StopReason reason, long ageMillis, int uses, String detail) {}
