/** The gRPC front: the v1 service, its limits, and the server it runs on. */
@NullMarked
package io.kveik.server.rpc;

import org.jspecify.annotations.NullMarked;
