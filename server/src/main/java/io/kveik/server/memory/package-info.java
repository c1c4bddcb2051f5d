/**
 * The off-heap memory that KV blocks live in: a {@link io.kveik.server.memory.Slab} of one shared
 * arena, carved into allocations whose bytes travel as a closeable, counted {@link
 * io.kveik.server.memory.Lease}, with the checksum and the one copy that blocks need on their way
 * out. Depends on nothing but the JDK.
 *
 * <p>Words: an <em>extent</em> is a run of granules with a tag in front of it, used or free; an
 * <em>allocation</em> is a used extent with at least one open lease. Sizes of extents include their
 * tags, sizes of allocations don't.
 */
@NullMarked
package io.kveik.server.memory;

import org.jspecify.annotations.NullMarked;
