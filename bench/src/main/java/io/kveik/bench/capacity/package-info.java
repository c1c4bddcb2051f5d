/** How many servers a load takes, from measured operating points. */
@NullMarked
package io.kveik.bench.capacity;

import org.jspecify.annotations.NullMarked;
