/** Tests of the gRPC front's parts. */
@NullMarked
package io.kveik.server.rpc.v1;

import org.jspecify.annotations.NullMarked;
