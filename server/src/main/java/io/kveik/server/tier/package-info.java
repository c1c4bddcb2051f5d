/**
 * The tier SPI: what a place that holds blocks must do, and the values it speaks. Each
 * implementation lives in a package of its own below this one and sees no other.
 */
@NullMarked
package io.kveik.server.tier;

import org.jspecify.annotations.NullMarked;
