package io.kveik.server.tenant;

/**
 * Where a namespace's blocks are kept for all servers.
 *
 * @param container in the account, as requests name it
 */
public record NamespaceHome(Account account, String container) {}
