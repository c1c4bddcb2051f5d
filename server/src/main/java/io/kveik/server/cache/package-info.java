/**
 * The engine: keys, index, ghosts, eviction, write-behind, single flight, over any tiers. Pure of
 * I/O vendors and of any wire.
 *
 * <p>{@link io.kveik.server.cache.CacheEngine} is the way in.
 */
@NullMarked
package io.kveik.server.cache;

import org.jspecify.annotations.NullMarked;
