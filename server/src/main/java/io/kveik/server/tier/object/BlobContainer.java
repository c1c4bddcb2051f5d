package io.kveik.server.tier.object;

import java.net.URI;

/**
 * A container of a storage account; made by the account registry only, never of what a request
 * says.
 *
 * @param account the registry's name of the account, within the name grammar
 * @param endpoint where the account's storage is
 * @param container its name in the account, within the name grammar
 */
public record BlobContainer(String account, URI endpoint, String container) {}
