/** Tests of the memory shared with clients on this host. */
@NullMarked
package io.kveik.server.samehost;

import org.jspecify.annotations.NullMarked;
