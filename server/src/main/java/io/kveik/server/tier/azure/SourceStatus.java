package io.kveik.server.tier.azure;

/**
 * What one source address has done so far.
 *
 * @param address in numbers; {@code any} where the system chooses
 * @param calls tried from it
 * @param connectFailures calls that could not connect from it and went on to the next
 * @param resting left out at the moment
 */
public record SourceStatus(String address, long calls, long connectFailures, boolean resting) {}
