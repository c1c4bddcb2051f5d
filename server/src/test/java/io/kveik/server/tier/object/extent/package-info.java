/** Tests of extents. */
@NullMarked
package io.kveik.server.tier.object.extent;

import org.jspecify.annotations.NullMarked;
