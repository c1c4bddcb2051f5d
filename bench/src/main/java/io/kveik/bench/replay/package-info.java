/** Replays a trace against a server: looks prompts up, reads what is there, writes what is not. */
@NullMarked
package io.kveik.bench.replay;

import org.jspecify.annotations.NullMarked;
