/**
 * Memory that clients on this host map and read blocks from, without a copy on the way: tmpfs
 * files, each of one tenant, and leases on what lies in them.
 */
@NullMarked
package io.kveik.server.samehost;

import org.jspecify.annotations.NullMarked;
