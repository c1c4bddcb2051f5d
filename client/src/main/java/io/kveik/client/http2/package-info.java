/** HTTP/2 as blocks of megabytes want it, where gRPC has no setting. Client and server share it. */
@NullMarked
package io.kveik.client.http2;

import org.jspecify.annotations.NullMarked;
