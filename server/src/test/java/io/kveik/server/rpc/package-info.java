/** Tests of the gRPC front's parts. */
@NullMarked
package io.kveik.server.rpc;

import org.jspecify.annotations.NullMarked;
