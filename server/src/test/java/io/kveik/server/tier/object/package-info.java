/** Tests of the object tier, and what every blob store must do. */
@NullMarked
package io.kveik.server.tier.object;

import org.jspecify.annotations.NullMarked;
