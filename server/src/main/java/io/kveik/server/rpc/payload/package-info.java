/**
 * How payloads get from a tier's memory into gRPC's messages and back, without passing the heap.
 */
@NullMarked
package io.kveik.server.rpc.payload;

import org.jspecify.annotations.NullMarked;
