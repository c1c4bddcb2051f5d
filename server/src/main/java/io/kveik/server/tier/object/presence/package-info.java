/**
 * What is known of a shared tier without asking it: compact digests of the blocks in each
 * container, that every server publishes of its own writes and learns from the others.
 */
@NullMarked
package io.kveik.server.tier.object.presence;

import org.jspecify.annotations.NullMarked;
