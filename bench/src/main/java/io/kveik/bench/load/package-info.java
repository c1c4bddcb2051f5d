/**
 * The load generator: clients that call a store, closed loop (one call after the other, as fast as
 * it goes) or open loop (calls start on a schedule, whatever the store does).
 */
@NullMarked
package io.kveik.bench.load;

import org.jspecify.annotations.NullMarked;
