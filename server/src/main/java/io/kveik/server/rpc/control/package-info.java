/** The native control service, {@code kveik.v1.BlockControl}, over gRPC and as JSON. */
@NullMarked
package io.kveik.server.rpc.control;

import org.jspecify.annotations.NullMarked;
