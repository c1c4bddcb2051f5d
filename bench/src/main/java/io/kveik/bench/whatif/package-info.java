/**
 * What would the hit ratio be: runs the server's own eviction policies over a trace, without a
 * server. Knows traces and {@code io.kveik.server.cache.eviction}.
 */
@NullMarked
package io.kveik.bench.whatif;

import org.jspecify.annotations.NullMarked;
