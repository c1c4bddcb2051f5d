/**
 * What background work between tiers costs the reads that somebody waits for: an engine in this
 * process over memory and files, read cold with and without its write-behind full.
 */
@NullMarked
package io.kveik.bench.movement;

import org.jspecify.annotations.NullMarked;
