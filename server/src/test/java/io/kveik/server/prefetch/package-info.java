/** Tests of prefetching. */
@NullMarked
package io.kveik.server.prefetch;

import org.jspecify.annotations.NullMarked;
