package io.kveik.server.tier.object.extent;

import java.util.Collection;

/**
 * A look at what is known of extents.
 *
 * @param containers in use
 * @param unlearned of those, not all known yet
 * @param blocks in extents
 * @param bytes that the extents take in the store
 */
public record ExtentStatus(int containers, int unlearned, long blocks, long bytes) {
  static ExtentStatus of(Collection<ContainerExtents> all) {
    return new ExtentStatus(
        all.size(),
        (int) all.stream().filter(one -> !one.learning().learned()).count(),
        all.stream().mapToLong(one -> one.directory().count()).sum(),
        all.stream().mapToLong(one -> one.directory().bytes()).sum());
  }
}
