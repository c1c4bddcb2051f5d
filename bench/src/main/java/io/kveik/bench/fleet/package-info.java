/**
 * Clients in several processes: JVMs of this program that are told over standard input what to do
 * and answer over standard output, a JSON document per line.
 */
@NullMarked
package io.kveik.bench.fleet;

import org.jspecify.annotations.NullMarked;
