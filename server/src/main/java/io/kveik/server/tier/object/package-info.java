/**
 * Object storage below DRAM, whatever the vendor: the small SPI that a vendor's package implements,
 * and the tier that is built on it.
 */
@NullMarked
package io.kveik.server.tier.object;

import org.jspecify.annotations.NullMarked;
