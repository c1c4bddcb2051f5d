/** Tests of the client against a real gRPC server on the loopback interface. */
@NullMarked
package io.kveik.client;

import org.jspecify.annotations.NullMarked;
