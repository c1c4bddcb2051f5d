/** Tests of the Azure store against Azurite, really started. */
@NullMarked
package io.kveik.server.tier.azure;

import org.jspecify.annotations.NullMarked;
