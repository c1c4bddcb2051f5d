/**
 * The tier on a local disk: one log of records in segments of a fixed length, written in order,
 * durable when acknowledged, freed oldest first, its index in memory and built again at each start.
 *
 * <p>{@link io.kveik.server.tier.nvme.NvmeTier} is the way in.
 */
@NullMarked
package io.kveik.server.tier.nvme;

import org.jspecify.annotations.NullMarked;
