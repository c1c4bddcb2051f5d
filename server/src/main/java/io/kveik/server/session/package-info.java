/**
 * What one client may do in one namespace, whatever transport it came by: the native gRPC service
 * and the raw data port are two ways into it.
 */
@NullMarked
package io.kveik.server.session;

import org.jspecify.annotations.NullMarked;
