/**
 * Blocks over the native gRPC service, the way that every server has: {@link
 * io.kveik.client.data.grpc.GrpcTransport}.
 */
@NullMarked
package io.kveik.client.data.grpc;

import org.jspecify.annotations.NullMarked;
