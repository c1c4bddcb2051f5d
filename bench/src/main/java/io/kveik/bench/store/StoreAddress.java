package io.kveik.bench.store;

/**
 * Where a store is and what it speaks: enough for another process to connect.
 *
 * @param protocol what it speaks
 * @param where "host:port" or "unix:/path"; for {@link Protocol#OBJECT} the URL of a container; for
 *     {@link Protocol#COPY} empty; for {@link Protocol#DISK} the path of a file
 */
public record StoreAddress(Protocol protocol, String where) {}
