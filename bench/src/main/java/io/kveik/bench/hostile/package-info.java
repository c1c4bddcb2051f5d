/** Clients that mean harm, to show that others hardly notice. */
@NullMarked
package io.kveik.bench.hostile;

import org.jspecify.annotations.NullMarked;
