/**
 * The caches that the table of others' figures was measured with, made again from what the field
 * publishes: for checking the simulator, not for a server. They are plain: none knows that blocks
 * have parents, so a parent may go before its child, which then is of no use to anybody.
 */
@NullMarked
package io.kveik.bench.whatif.reference;

import org.jspecify.annotations.NullMarked;
