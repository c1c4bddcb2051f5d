/**
 * Transports of blocks: many at a time, between a server and memory of the caller's, without a copy
 * on the way. {@link io.kveik.client.data.BlockTransport} is what they have in common.
 */
@NullMarked
package io.kveik.client.data;

import org.jspecify.annotations.NullMarked;
