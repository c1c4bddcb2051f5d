/** Where all nondeterminism enters: clocks, randomness, executors, shutdown. Depends on nothing. */
@NullMarked
package io.kveik.server.runtime;

import org.jspecify.annotations.NullMarked;
