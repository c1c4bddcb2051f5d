/**
 * A run as a whole: which contenders are loaded how hard and how often, in turn, and what came of
 * it. Figures of an operating point are medians over rounds.
 */
@NullMarked
package io.kveik.bench.contest;

import org.jspecify.annotations.NullMarked;
