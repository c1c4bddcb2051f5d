package io.kveik.server.tenant;

import java.net.URI;

/**
 * A storage account as the service knows it.
 *
 * @param resourceName what requests call it
 * @param tenant the customer it belongs to
 * @param kind what storage it is with
 * @param endpoint where its blobs are, from the resolver only
 * @param credential how this server is let in
 */
public record Account(
    String resourceName,
    String tenant,
    StorageKind kind,
    URI endpoint,
    CredentialReference credential) {}
