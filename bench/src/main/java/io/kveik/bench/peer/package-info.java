/**
 * What a run is compared with: other stores, started for real as child processes, and the machine's
 * own limits.
 */
@NullMarked
package io.kveik.bench.peer;

import org.jspecify.annotations.NullMarked;
