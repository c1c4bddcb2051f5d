/** Tells what came of a run: to people as text and HTML, to programs as JSON and CSV. */
@NullMarked
package io.kveik.bench.output;

import org.jspecify.annotations.NullMarked;
