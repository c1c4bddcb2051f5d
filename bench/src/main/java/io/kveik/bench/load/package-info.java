/**
 * A closed-loop load generator: clients that each make one call after the other, as fast as it
 * goes.
 */
@NullMarked
package io.kveik.bench.load;

import org.jspecify.annotations.NullMarked;
