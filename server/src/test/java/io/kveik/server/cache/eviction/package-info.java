/** Tests of eviction policies. */
@NullMarked
package io.kveik.server.cache.eviction;

import org.jspecify.annotations.NullMarked;
