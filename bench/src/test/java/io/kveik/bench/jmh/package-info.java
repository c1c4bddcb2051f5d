/** Micro benchmarks: {@code bench/jmh [PATTERN]} runs them. */
@NullMarked
package io.kveik.bench.jmh;

import org.jspecify.annotations.NullMarked;
