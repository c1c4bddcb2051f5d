package io.kveik.client;

import java.util.List;

/**
 * What an operation on stored blocks has done.
 *
 * @param matched blocks that were meant and the server knew
 * @param changed those that something was done to
 * @param bytes payload and attributes of those
 * @param owingTiers tiers of the server's that could not remove deleted blocks yet; the blocks are
 *     unreadable all the same, also after a restart
 */
public record ControlResult(long matched, long changed, long bytes, List<String> owingTiers) {}
