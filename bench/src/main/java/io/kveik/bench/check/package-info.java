/** Assertions on figures, as in {@code read.p99<5ms}: what a run has to reach to be a success. */
@NullMarked
package io.kveik.bench.check;

import org.jspecify.annotations.NullMarked;
