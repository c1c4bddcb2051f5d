package io.kveik.server.tenant;

import java.net.URI;

/**
 * A storage account as the service knows it.
 *
 * @param resourceName what requests call it
 * @param tenant the customer it belongs to
 * @param endpoint where its blobs are, from the resolver only
 */
public record Account(String resourceName, String tenant, URI endpoint) {}
