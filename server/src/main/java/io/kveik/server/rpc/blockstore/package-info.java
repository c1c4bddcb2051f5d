/**
 * The native service {@code kveik.v1.BlockStore} over gRPC: match, load and store of many blocks by
 * an engine's own chained hashes, and sessions for the faster transports.
 */
@NullMarked
package io.kveik.server.rpc.blockstore;

import org.jspecify.annotations.NullMarked;
