package io.kveik.server.samehost;

import java.nio.file.Path;

/**
 * How much memory is shared, and for how long.
 *
 * @param directory on a tmpfs
 * @param capacityBytes most shared memory of all tenants
 * @param tenantBytes most shared memory of one tenant
 * @param segmentBytes of one file; a block must fit into one
 * @param leaseMillis how long a client may read what it was lent
 * @param leasesPerConnection most leases of one connection at a time
 * @param idleMillis a tenant without a connection keeps its shared memory for so long
 */
public record SameHostOptions(
    Path directory,
    long capacityBytes,
    long tenantBytes,
    long segmentBytes,
    long leaseMillis,
    int leasesPerConnection,
    long idleMillis) {}
