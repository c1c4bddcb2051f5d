package io.kveik.server.tier.object.presence;

/**
 * A look at the digests of all containers.
 *
 * @param containers containers that digests are kept of
 * @param incomplete containers not all of whose blocks are known: of those any block may be there
 * @param segments sets in memory
 * @param blocks fingerprints in them
 * @param bytes memory they take
 * @param freshBlocks stored here and not yet published
 * @param goneBlocks remembered as absent
 * @param falsePositiveRate of the container where it is highest, to be expected
 * @param oldestMillis since the container was refreshed that has waited longest
 */
public record PresenceStatus(
    int containers,
    int incomplete,
    int segments,
    long blocks,
    long bytes,
    long freshBlocks,
    long goneBlocks,
    double falsePositiveRate,
    long oldestMillis) {

  static final PresenceStatus NONE = new PresenceStatus(0, 0, 0, 0, 0, 0, 0, 0, 0);

  PresenceStatus and(ContainerDigest.Status one) {
    return new PresenceStatus(
        containers + 1,
        incomplete + (one.complete() ? 0 : 1),
        segments + one.segments(),
        blocks + one.blocks(),
        bytes + one.bytes(),
        freshBlocks + one.fresh(),
        goneBlocks + one.gone(),
        Math.max(falsePositiveRate, one.falsePositiveRate()),
        Math.max(oldestMillis, one.ageMillis()));
  }
}
