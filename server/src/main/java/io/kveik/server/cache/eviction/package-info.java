/**
 * Who goes when a tier is full: policies behind {@link
 * io.kveik.server.cache.eviction.EvictionPolicy} and what they are made of. Knows nothing of the
 * engine, so that a simulator can run the same code.
 */
@NullMarked
package io.kveik.server.cache.eviction;

import org.jspecify.annotations.NullMarked;
