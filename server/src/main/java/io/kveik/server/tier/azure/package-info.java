/**
 * Azure Blob Storage as a {@link io.kveik.server.tier.object.BlobStore}: the one package that knows
 * the Azure SDK and Reactor.
 */
@NullMarked
package io.kveik.server.tier.azure;

import org.jspecify.annotations.NullMarked;
