package io.kveik.server.tier;

/**
 * What a tier holds now.
 *
 * @param blocks blocks held
 * @param bytes bytes they take in the tier, headers and rounding included
 * @param capacityBytes what the tier may take; {@link Long#MAX_VALUE} when unbounded
 */
public record TierUsage(long blocks, long bytes, long capacityBytes) {}
