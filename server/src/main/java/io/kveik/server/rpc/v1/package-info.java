/** The v1 wire: the four RPCs of the original, unchanged for its clients. */
@NullMarked
package io.kveik.server.rpc.v1;

import org.jspecify.annotations.NullMarked;
