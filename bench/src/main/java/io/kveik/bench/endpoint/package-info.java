/** The server that a run speaks to: one that is there already, or a child process of its own. */
@NullMarked
package io.kveik.bench.endpoint;

import org.jspecify.annotations.NullMarked;
