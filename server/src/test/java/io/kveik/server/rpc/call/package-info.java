/** Tests of the gRPC front's parts. */
@NullMarked
package io.kveik.server.rpc.call;

import org.jspecify.annotations.NullMarked;
