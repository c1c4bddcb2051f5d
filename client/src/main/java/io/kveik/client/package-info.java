/**
 * The Java client of Kveik: {@link io.kveik.client.KveikClient} looks up, reads and writes the KV
 * blocks of a language model over the v1 wire.
 *
 * <p>A payload is never copied into a Java array of its own length here: reads hand out or copy
 * from the transport's buffers, writes go from the caller's memory to the transport through one
 * small buffer per thread.
 */
@NullMarked
package io.kveik.client;

import org.jspecify.annotations.NullMarked;
