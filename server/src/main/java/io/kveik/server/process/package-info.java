/** Servers as child processes, for commands that need one of their own. Knows no other package. */
@NullMarked
package io.kveik.server.process;

import org.jspecify.annotations.NullMarked;
