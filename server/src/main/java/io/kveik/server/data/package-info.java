/**
 * The raw data port: load and store of many blocks over TCP and Unix sockets, beside gRPC. Frames
 * are {@link io.kveik.client.data.frame.DataFrameDescriptor}'s; what they ask for goes to {@link
 * io.kveik.server.session.BlockSession}.
 *
 * <p>A thread per connection reads requests, and writes blocks of DRAM from where they lie. What
 * has to be waited for is written by a second thread of the connection, started when it is first
 * needed.
 */
@NullMarked
package io.kveik.server.data;

import org.jspecify.annotations.NullMarked;
