/**
 * Extents: small blocks of one namespace that share a blob, so that they share its request. A layer
 * over the object tier, for any vendor's store.
 */
@NullMarked
package io.kveik.server.tier.object.extent;

import org.jspecify.annotations.NullMarked;
